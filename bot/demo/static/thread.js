// The messages of one chat, in order, with day separators; draws only what has changed.

import { actionRow, bubble } from "./bubble.js";
import { iconButton, make, settle } from "./dom.js";
import { say } from "./i18n.js";
import { dayKey, dayTitle } from "./time.js";

const NEAR = 80;

export class Thread {
  #drawn = new Map();
  #first = true;
  #stuck = true;

  constructor(demo, phone, acts) {
    Object.assign(this, { demo, phone, acts });
    this.list = make("ol", { class: "messages" });
    this.down = iconButton("down", "", { class: "newest", hidden: true, on: { click: () => this.toEnd(true) } });
    this.scroller = make("div", { class: "scroller", role: "log", tabindex: "0", on: { scroll: () => this.#scrolled() } }, this.list);
    this.element = make("div", { class: "thread" }, this.scroller, this.down);
    this.list.addEventListener("click", (event) => this.#clicked(event));
    new ResizeObserver(() => this.#stuck && this.toEnd(false)).observe(this.list);
    new ResizeObserver(() => this.#stuck && this.toEnd(false)).observe(this.scroller);
  }

  draw() {
    const chat = this.#chat();
    const name = this.down.title = say(chat.language, "newest");
    this.down.setAttribute("aria-label", name);
    this.scroller.setAttribute("aria-label", say(chat.language, "chat", { name: this.phone.name, bot: this.demo.bot.name }));
    const items = this.#items(chat);
    const nodes = items.map((item) => this.#node(item, chat));
    this.#forget(new Set(items.map((item) => item.key)));
    settle(this.list, nodes.length ? nodes : [this.#empty(chat)]);
    this.#first = false;
    if (this.#stuck) this.toEnd(false);
  }

  toEnd(smooth) {
    this.#stuck = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  #chat() {
    return { language: this.phone.language_code, zone: this.demo.timeZone, acts: this.acts, quoted: (id) => this.#quoted(id) };
  }

  #quoted(id) {
    const message = this.phone.messages.get(id);
    const who = message && !message.from_bot ? this.phone.name : this.demo.bot.name;
    const text = message?.deleted ? "…" : message?.text ?? (message?.photo ? say(this.phone.language_code, "photo_alt") : "…");
    return { who, text: text.slice(0, 160) };
  }

  #items(chat) {
    const items = [];
    let day = null;
    for (const group of groups(this.#shown())) {
      const moment = new Date(group[0].date);
      const key = dayKey(moment, chat.zone);
      if (key !== day) items.push({ key: `day ${key}`, title: dayTitle(moment, this.demo.now, chat.zone, chat.language) });
      day = key;
      items.push({ key: `message ${group[0].id}`, group });
    }
    return items;
  }

  #shown() {
    const messages = [...this.phone.messages.values()].filter((message) => !message.deleted || !message.from_bot);
    return messages.sort((a, b) => a.id - b.id);
  }

  #node(item, chat) {
    const version = JSON.stringify([item, chat.language, item.group?.[0].reply_to ? this.#quoted(item.group[0].reply_to) : null]);
    const known = this.#drawn.get(item.key);
    if (known?.version === version) return known.node;
    const node = item.group ? bubble(item.group, chat) : make("li", { class: "day" }, make("span", { text: item.title }));
    if (!known && !this.#first) node.classList.add("fresh");
    if (known) keepFocus(known.node, node);
    this.#drawn.set(item.key, { version, node });
    return node;
  }

  #forget(kept) {
    for (const key of [...this.#drawn.keys()]) if (!kept.has(key)) this.#drawn.delete(key);
  }

  #empty(chat) {
    return make("li", { class: "empty" },
      make("p", { text: say(chat.language, "empty") }),
      make("button", { type: "button", class: "primary", text: say(chat.language, "start"), data: { start: "" }, on: { click: () => this.acts.start("") } }));
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    if (!clientHeight) return;
    this.#stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    this.down.hidden = this.#stuck;
  }

  #clicked(event) {
    const target = event.target.closest("[data-say], [data-goto], [data-photo], a, button.play, .key, .actions, .spoiler");
    if (target?.dataset.say) return this.acts.say(target.dataset.say);
    if (target?.dataset.goto) return this.#goTo(target.dataset.goto);
    if (target?.dataset.photo) return this.acts.enlarge(target.dataset.photo);
    if (target?.tagName === "A") return this.acts.follow(event, target.href);
    if (target || String(getSelection())) return undefined;
    return this.#toggleActions(event.target.closest(".bubble")?.closest("[data-message]"));
  }

  #toggleActions(node) {
    const open = this.list.querySelector(".actions");
    const same = open && open.closest("[data-message]") === node;
    this.closeActions();
    if (!node || same) return;
    const row = actionRow(this.phone.messages.get(Number(node.dataset.message)), this.#chat());
    node.querySelector(".bubble").after(row);
    node.querySelector(".handle")?.setAttribute("aria-expanded", "true");
    row.scrollIntoView({ block: "nearest" });
  }

  closeActions() {
    this.list.querySelector(".actions")?.remove();
    this.list.querySelector(".handle[aria-expanded=true]")?.setAttribute("aria-expanded", "false");
  }

  #goTo(id) {
    const node = this.list.querySelector(`[data-message="${Number(id)}"]`);
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
  }
}

/** Messages with the same album, one after another, are one group. */
function groups(messages) {
  const found = [];
  for (const message of messages) {
    const last = found.at(-1);
    if (message.album && last?.[0].album === message.album) last.push(message);
    else found.push([message]);
  }
  return found;
}

/** A redrawn card keeps the keyboard user's place. */
function keepFocus(old, node) {
  if (!old.contains(document.activeElement)) return;
  queueMicrotask(() => (node.querySelector(".key") ?? node.querySelector("button"))?.focus({ preventScroll: true }));
}
