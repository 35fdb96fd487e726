// One phone: whose it is, its frame, its chat.

import { Composer } from "./composer.js";
import { icon, iconButton, make, settle } from "./dom.js";
import { htmlLanguage, say, tongue } from "./i18n.js";
import { startPayload } from "./rich.js";
import { phoneCalls, reason } from "./server.js";
import { Thread } from "./thread.js";
import { clockTime } from "./time.js";

const CODES = { zh: "zh-hans", en: "en" };
const TOAST_LASTS = 6000;
const TAP_LASTS = 8000;

export class Phone {
  #pressed = new Map();

  /** page: {language(), enlarge(url), choose(payload)} */
  constructor(demo, phone, page) {
    Object.assign(this, { demo, phone, page, calls: phoneCalls(phone.user_id) });
    this.thread = new Thread(demo, phone, this.#acts());
    this.composer = new Composer(phone, {
      calls: this.calls, attempt: (call) => this.attempt(call), toast: (text) => this.toast(text), commands: () => this.#toggleCommands(),
    });
    this.#build();
    this.refresh();
  }

  #say(key, values) { return say(this.phone.language_code, key, values); }

  #acts() {
    return {
      say: (text) => this.#speak(() => this.calls.text(text)),
      start: (payload) => this.start(payload),
      press: (message, button, node) => this.#press(message, button, node),
      reply: (message) => { this.thread.closeActions(); this.composer.reply(message); },
      edit: (message) => { this.thread.closeActions(); this.composer.edit(message); },
      copy: (text) => { this.thread.closeActions(); this.#copy(text); },
      follow: (event, url) => this.#follow(event, url),
      enlarge: (url) => this.page.enlarge(url),
    };
  }

  #build() {
    this.plate = make("header", { class: "plate" });
    this.time = make("span", { class: "time" });
    this.head = make("div", { class: "head" });
    this.commands = make("div", { class: "commands", hidden: true, data: { commands: "" } });
    this.toasts = make("div", { class: "toasts", role: "status" });
    this.bar = make("button", { type: "button", class: "blocked-bar", data: { unblock: "" }, on: { click: () => this.#block(false) } });
    this.screen = make("div", { class: "screen" },
      make("div", { class: "status", "aria-hidden": "true" }, this.time, make("span", { class: "signal" }, make("i"), make("i"), make("i"), make("b"))),
      this.head, this.thread.element, this.toasts, this.commands, this.composer.element, this.bar);
    this.element = make("article", { class: "phone", data: { phone: this.phone.user_id, role: this.phone.role, name: this.phone.name } },
      this.plate, make("div", { class: "frame" }, this.screen));
    this.element.addEventListener("click", (event) => this.#clickedAway(event));
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.#closeAll());
  }

  refresh() {
    this.relabel();
    this.drawTime();
    this.draw("settings");
  }

  relabel() {
    const language = this.page.language();
    const role = say(language, this.phone.role);
    const note = (tongue(language) === "zh" ? this.phone.note : this.phone.note_en) || this.phone.note || "";
    this.element.setAttribute("aria-label", `${this.phone.name}, ${role}`);
    settle(this.plate, [
      make("span", { class: "face", "aria-hidden": "true", text: [...this.phone.name][0] }),
      make("div", { class: "who" }, make("h2", {}, make("span", { text: this.phone.name }), make("small", { text: role })),
        make("p", { text: note, title: note })),
      this.#languages(language), this.#more(language),
    ]);
  }

  #languages(language) {
    const mine = tongue(this.phone.language_code);
    const choice = (code, text) => make("button", { type: "button", text, lang: code === "zh" ? "zh-Hans" : "en", "aria-pressed": String(mine === code),
      data: { language: code }, on: { click: () => this.#setLanguage(CODES[code]) } });
    return make("div", { class: "toggle", role: "group", "aria-label": say(language, "phone_language") }, choice("zh", "中"), choice("en", "En"));
  }

  #more(language) {
    const item = (key, data, act) => make("button", { type: "button", text: say(language, key), data, on: { click: (event) => { event.target.closest("details").open = false; act(); } } });
    const label = say(language, "phone_menu");
    return make("details", { class: "more", data: { more: "" } },
      make("summary", { "aria-label": label, title: label }, icon("more")),
      make("div", { class: "drop" },
        item(this.phone.blocked ? "unblock" : "block", { block: String(!this.phone.blocked) }, () => this.#block(!this.phone.blocked)),
        item("restart", { restart: "" }, () => this.start(""))));
  }

  /** what: messages, commands, action, settings */
  draw(what) {
    if (what === "settings") this.#drawSettings();
    if (what !== "commands" && what !== "messages") this.#drawHead();
    if (what === "messages" || what === "settings") this.thread.draw();
    if (what === "messages") this.#drawHead();
    if (what === "commands" || what === "settings") this.#drawCommands();
  }

  drawTime() { this.time.textContent = clockTime(this.demo.now, this.demo.timeZone); }

  #drawSettings() {
    this.relabel();
    this.screen.lang = htmlLanguage(this.phone.language_code);
    this.composer.relabel();
    this.composer.element.hidden = this.phone.blocked;
    this.bar.hidden = !this.phone.blocked;
    settle(this.bar, [make("span", { text: this.#say("blocked_bar") }), make("b", { text: this.#say("unblock") })]);
    this.element.classList.toggle("is-blocked", this.phone.blocked);
  }

  #drawHead() {
    const busy = this.phone.action && (this.phone.action.startsWith("upload") ? "uploading" : "typing");
    const state = this.phone.blocked ? "blocked" : busy || "bot";
    settle(this.head, [
      make("img", { class: "bot-face", src: "/static/mark.svg", alt: "" }),
      make("div", {}, make("strong", { text: this.demo.bot.name }),
        make("small", { class: busy ? "busy" : "", text: this.#say(state) }, busy ? make("i", { class: "dots" }, make("i"), make("i"), make("i")) : null)),
    ]);
  }

  #drawCommands() {
    const rows = this.phone.commands.map(({ command, description }) => make("button", {
      type: "button", data: { command }, on: { click: () => { this.#toggleCommands(false); this.attempt(() => this.calls.text(`/${command}`)); } },
    }, make("b", { text: `/${command}` }), make("span", { text: description })));
    settle(this.commands, rows.length ? rows : [make("p", { text: this.#say("no_commands") })]);
    this.commands.setAttribute("aria-label", this.#say("commands"));
  }

  #toggleCommands(open = this.commands.hidden) {
    this.commands.hidden = !open;
    this.composer.menu.setAttribute("aria-expanded", String(open));
    if (open) this.commands.querySelector("button")?.focus();
  }

  #clickedAway({ target }) {
    if (!target.closest(".more")) this.element.querySelector(".more")?.removeAttribute("open");
    if (!target.closest(".commands, [data-menu]")) this.#toggleCommands(false);
    if (!target.closest(".attachments, [data-attach]")) this.composer.close();
    if (!target.closest(".message")) this.thread.closeActions();
  }

  #closeAll() {
    this.#clickedAway({ target: document.body });
  }

  /** true when the server took it; else its refusal is shown on this phone. */
  async attempt(call) {
    this.thread.toEnd(false);
    try {
      await call();
      return true;
    } catch (error) {
      this.toast(this.#say("failed", { error: reason(error, this.phone.language_code) }));
      return false;
    }
  }

  start(payload) { return this.#speak(() => this.calls.start(payload)); }

  /** Who writes to a bot that they have blocked unblocks it. */
  async #speak(call) {
    if (await this.attempt(call) && this.phone.blocked) this.demo.settings(this.phone.user_id, { blocked: false });
  }

  async #press(message, button, node) {
    if (button.url) return this.#open(button.url);
    if (button.copy_text) return this.#copy(button.copy_text.text ?? button.copy_text);
    node.classList.add("pressed");
    node.setAttribute("aria-busy", "true");
    this.#pressed.set(node, setTimeout(() => this.#release(node), TAP_LASTS));
    try {
      await this.calls.tap(message.id, button.data);
    } catch (error) {
      this.#release(node);
      this.toast(this.#say("failed", { error: reason(error, this.phone.language_code) }));
    }
  }

  #release(node) {
    clearTimeout(this.#pressed.get(node));
    this.#pressed.delete(node);
    node.classList.remove("pressed");
    node.removeAttribute("aria-busy");
  }

  /** The bot has answered a tap: with nothing, a passing line, or an alert. */
  answered({ text, alert }) {
    for (const node of [...this.#pressed.keys()]) this.#release(node);
    if (text && alert) this.#alert(text);
    else if (text) this.toast(text);
  }

  #alert(text) {
    const before = document.activeElement;
    const close = () => { veil.remove(); before?.focus?.(); };
    const ok = make("button", { type: "button", class: "primary", text: this.#say("ok"), on: { click: close } });
    const veil = make("div", { class: "veil", role: "alertdialog", "aria-label": text, data: { alert: "" } }, make("div", {}, make("p", { text }), ok));
    this.screen.append(veil);
    ok.focus();
  }

  toast(text) {
    const note = make("p", { class: "toast", text, data: { toast: "" }, on: { click: () => note.remove() } });
    settle(this.toasts, [...this.toasts.children, note].slice(-2));
    setTimeout(() => note.remove(), TOAST_LASTS);
  }

  async #copy(text) {
    await navigator.clipboard?.writeText(text).catch(() => undefined);
    this.toast(this.#say("copied"));
  }

  #follow(event, url) {
    if (startPayload(url, this.demo.bot.username) === null) return;
    event.preventDefault();
    this.#open(url);
  }

  #open(url) {
    const payload = startPayload(url, this.demo.bot.username);
    if (payload === null) window.open(url, "_blank", "noopener,noreferrer");
    else this.page.choose(payload);
  }

  async #block(blocked) {
    if (await this.attempt(() => this.calls.block(blocked))) this.demo.settings(this.phone.user_id, { blocked });
  }

  async #setLanguage(code) {
    if (await this.attempt(() => this.calls.language(code))) this.demo.settings(this.phone.user_id, { language_code: code });
  }
}
