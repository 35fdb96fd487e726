// The demo server's calls, one function each. A refusal is thrown as an Error with the server's own sentence.

import { say } from "./i18n.js";

/** Why a call failed, for people: the server's own sentence, or that there is no server. */
export const reason = (error, language) => (error instanceof TypeError ? say(language, "unreachable") : error.message);

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `HTTP ${response.status}`);
  return body;
}

const post = async (path, body) => answer(await fetch(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}));

async function upload(path, files, fields = {}) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  return answer(await fetch(path, { method: "POST", body: form }));
}

export const state = async () => answer(await fetch("/demo/state", { cache: "no-store" }));
export const turnBy = (seconds) => post("/demo/clock", { seconds });
export const turnTo = (moment) => post("/demo/clock", { to: moment.toISOString() });

/** The calls of one phone. */
export function phoneCalls(userId) {
  const at = (action) => `/demo/phones/${userId}/${action}`;
  return {
    text: (text, replyTo) => post(at("text"), replyTo ? { text, reply_to: replyTo } : { text }),
    tap: (messageId, data) => post(at("tap"), { message_id: messageId, data }),
    edit: (messageId, text) => post(at("edit"), { message_id: messageId, text }),
    start: (payload) => post(at("start"), { payload }),
    block: (blocked) => post(at("block"), { blocked }),
    language: (code) => post(at("language"), { language_code: code }),
    contact: () => post(at("contact"), {}),
    photo: (files, caption) => upload(at("photo"), files, caption ? { caption } : {}),
    voice: (file, length) => upload(at("voice"), [file], { seconds: String(length) }),
    file: (file) => upload(at("file"), [file]),
  };
}
