// grammY (Node) with sessions on better-sqlite3 (WAL, synchronous=FULL), asking what /visit asks.
//
// grammY brings no storage for SQLite; this one writes each session as its middleware hands it over, at once. The record is
// a row of its own, not in one transaction with the session, and no update_id is remembered. Chats run side by side, in
// order within each (its runner).
import Database from "better-sqlite3";
import { Bot, InlineKeyboard, session } from "grammy";
import { run, sequentialize } from "@grammyjs/runner";

const HOW = ["family_visit", "school_visit", "phone", "video", "message", "letter", "outing"];
const MOOD = ["cheerful", "content", "so_so", "low", "upset", "not_met"];
const HEAD = "<b>Log a visit or call</b>\nXiaoming (A-017)";
const HTML = { parse_mode: "HTML" };

const [address, place] = process.argv.slice(2);
const db = new Database(`${place}/bot.db`);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`
  CREATE TABLE state (chat TEXT PRIMARY KEY, data TEXT NOT NULL);
  CREATE TABLE visits (id INTEGER PRIMARY KEY, chat INTEGER, how TEXT, mood TEXT);
`);
const getState = db.prepare("SELECT data FROM state WHERE chat = ?").pluck();
const setState = db.prepare(
  "INSERT INTO state (chat, data) VALUES (?, ?) ON CONFLICT (chat) DO UPDATE SET data = excluded.data",
);
const dropState = db.prepare("DELETE FROM state WHERE chat = ?");
const addVisit = db.prepare("INSERT INTO visits (chat, how, mood) VALUES (?, ?, ?)");

const storage = {
  read: (key) => {
    const data = getState.get(key);
    return data === undefined ? undefined : JSON.parse(data);
  },
  write: (key, value) => void setState.run(key, JSON.stringify(value)),
  delete: (key) => void dropState.run(key),
};

function keyboard(values) {
  const made = new InlineKeyboard();
  values.forEach((value, number) => {
    made.text(value, value);
    if (number % 2) made.row();
  });
  return made.row().text("Cancel", "cancel");
}

const bot = new Bot("1000001:bench", { client: { apiRoot: address } });
bot.use(sequentialize((ctx) => String(ctx.chat?.id)));
bot.use(session({ initial: () => ({ step: "" }), storage }));

bot.command("visit", async (ctx) => {
  ctx.session = { step: "how" };
  await ctx.reply(`${HEAD}\n\nHow were you in touch with Xiaoming?`, { ...HTML, reply_markup: keyboard(HOW) });
});

const steps = {
  async how(ctx, how) {
    ctx.session = { step: "mood", how };
    const text = `${HEAD} · ${how}\n\nHow did Xiaoming seem to you?`;
    await ctx.editMessageText(text, { ...HTML, reply_markup: keyboard(MOOD) });
  },
  async mood(ctx, mood) {
    ctx.session = { ...ctx.session, step: "review", mood };
    const text = `${HEAD} - all right like this?\n\nHow: ${ctx.session.how}\nMood: ${mood}`;
    await ctx.editMessageText(text, { ...HTML, reply_markup: keyboard(["save", "change"]) });
  },
  async review(ctx, choice) {
    if (choice !== "save") return;
    addVisit.run(ctx.chat.id, ctx.session.how, ctx.session.mood);
    ctx.session = undefined;
    await ctx.editMessageText("Saved. Thank you for being there!\nXiaoming (A-017)");
  },
};

bot.on("callback_query:data", async (ctx) => {
  await ctx.answerCallbackQuery();
  await steps[ctx.session.step]?.(ctx, ctx.callbackQuery.data);
});

const runner = run(bot);
process.once("SIGTERM", () => runner.stop().finally(() => db.close()));
