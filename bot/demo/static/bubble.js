// One message as a bubble, with its keyboard. An album is several messages in one.

import { icon, iconButton, make, settle } from "./dom.js";
import { say, spokenLanguage } from "./i18n.js";
import { rich } from "./rich.js";
import { clockTime } from "./time.js";
import { voicePlayer } from "./voice.js";

/** messages: one, or an album's; chat: {language, zone, quoted(id), acts}. */
export function bubble(messages, chat) {
  const first = messages[0];
  if (messages.every((message) => message.deleted)) return trace(first, chat);
  const node = make("li", { class: `message ${first.from_bot ? "bot" : "me"}`, data: marks(first) });
  node.append(balloon(messages.filter((message) => !message.deleted), chat));
  if (first.keyboard?.length) node.append(keyboard(first, chat));
  return node;
}

const marks = (message) => ({ message: message.id, from: message.from_bot ? "bot" : "me" });

/** Where a message of one's own was: what the bot takes out of the chat should be seen to go. */
function trace(message, chat) {
  return make("li", { class: "trace", text: say(chat.language, "deleted"), data: { trace: message.id } });
}

function balloon(messages, chat) {
  const [first, last] = [messages[0], messages.at(-1)];
  const body = words(messages);
  const bare = first.sticker || (messages.some((message) => message.photo) && !body);
  return make("div", { class: ["bubble", first.sticker && "sticker", bare && "bare"].filter(Boolean).join(" ") },
    first.reply_to ? quote(first, chat) : null,
    ...media(messages, chat),
    body,
    meta(last, chat),
    iconButton("more", say(chat.language, "message_actions"), { class: "handle", "aria-expanded": "false", data: { actions: first.id } }),
  );
}

function words(messages) {
  const spoken = messages.find((message) => message.caption_html || message.html || message.text);
  if (!spoken) return null;
  const html = spoken.html ?? spoken.caption_html;
  const body = rich(html, spoken.text);
  return make("div", { class: "text", dir: "auto", lang: spokenLanguage(body.textContent), data: { text: "" } }, body);
}

function quote(message, chat) {
  const to = chat.quoted(message.reply_to);
  return make("button", { type: "button", class: "quote", data: { goto: message.reply_to } },
    make("strong", { text: to.who }), make("span", { text: to.text, dir: "auto" }));
}

function media(messages, chat) {
  const photos = messages.filter((message) => message.photo);
  const [first] = messages;
  return [
    photos.length ? gallery(photos, chat) : null,
    first.voice ? voicePlayer(first.voice, first.id, chat.language) : null,
    first.document ? paper(first.document, chat) : null,
    first.sticker ? make("span", { class: "sign", text: first.sticker }) : null,
    first.contact ? visitingCard(first.contact) : null,
  ];
}

function gallery(photos, chat) {
  const frames = photos.map((message) => make("button", {
    type: "button", class: "photo", "aria-label": say(chat.language, "enlarge"), data: { photo: message.photo, part: message.id },
  }, make("img", { src: message.photo, alt: say(chat.language, "photo_alt"), decoding: "async" })));
  return make("div", { class: "gallery", data: { count: Math.min(photos.length, 10), odd: photos.length % 2 } }, ...frames);
}

function paper(file, chat) {
  return make("a", { class: "paper", href: file.url, download: file.name, "aria-label": say(chat.language, "open_file", { name: file.name }) },
    icon("file"), make("span", {}, make("b", { text: file.name }), make("small", { text: size(file.size) })));
}

function size(bytes) {
  if (!bytes) return "";
  return bytes < 1024 ** 2 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

function visitingCard(contact) {
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ") || contact.name || "";
  return make("div", { class: "card" }, icon("person"),
    make("span", {}, make("b", { text: name }), make("small", { text: contact.phone_number ?? "" })));
}

function meta(message, chat) {
  const edited = message.edited ? make("span", { class: "edited", text: say(chat.language, "edited") }) : null;
  return make("span", { class: "meta" }, edited,
    make("time", { datetime: message.date, text: clockTime(new Date(message.date), chat.zone) }));
}

function keyboard(message, chat) {
  const rows = message.keyboard.map((row) => make("div", { class: "row", data: { width: row.length } },
    ...row.map((button) => key(button, message, chat))));
  return make("div", { class: "keyboard", role: "group" }, ...rows);
}

function key(button, message, chat) {
  const press = (event) => chat.acts.press(message, button, event.currentTarget);
  const data = button.data !== undefined && button.data !== null ? { tap: button.data } : {};
  return make("button", { type: "button", class: "key", lang: spokenLanguage(button.text), data, on: { click: press } },
    make("span", { text: button.text }), button.url ? icon("link") : button.copy_text ? icon("copy") : null);
}

/** What a message says, without its markup: its text, or its caption. */
export function plainText(message) {
  return message.text ?? rich(message.caption_html ?? "", null).textContent;
}

/** The small row under a bubble: reply, edit, copy. */
export function actionRow(message, chat) {
  const text = plainText(message);
  const offer = (name, act) => make("button", { type: "button", data: { act: name }, on: { click: act } },
    icon(name), make("span", { text: say(chat.language, name) }));
  const row = make("div", { class: "actions", role: "group", "aria-label": say(chat.language, "message_actions") });
  settle(row, [
    offer("reply", () => chat.acts.reply(message)),
    !message.from_bot && text ? offer("edit", () => chat.acts.edit(message)) : null,
    text ? offer("copy", () => chat.acts.copy(text)) : null,
  ].filter(Boolean));
  return row;
}
