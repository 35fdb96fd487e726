"""The few values that belong to this database and not to its surroundings."""

from __future__ import annotations

import base64

from sqlalchemy import select

from storage.database import Tx
from storage.tables import settings
from storage.vault import BadKey, Vault

_PROOF = "sealing-key"
_PROOF_WHERE = "settings.value:sealing-key"


async def get(tx: Tx, name: str) -> str | None:
    row = await tx.row(select(settings.c.value).where(settings.c.name == name))
    return row.value if row else None


async def set(tx: Tx, name: str, value: str) -> None:
    insert = tx.insert(settings)
    upsert = insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
    await tx.run(upsert, {"name": name, "value": value})


async def check_key(tx: Tx, vault: Vault) -> None:
    """Refuses, with BadKey, keys other than those that this database was sealed with; the first call ties it to them.

    The fingerprint of phone numbers hangs on the oldest key, so that one must stay in the list.
    """
    proof = await get(tx, _PROOF)
    mark = vault.fingerprint(_PROOF)
    if proof is None:
        await set(tx, _PROOF, base64.b64encode(vault.seal(mark, _PROOF_WHERE)).decode())
    elif vault.open(base64.b64decode(proof), _PROOF_WHERE) != mark:
        raise BadKey("the oldest sealing key is missing from the list")
