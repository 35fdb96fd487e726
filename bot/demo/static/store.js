// What the page knows: the phones, their messages, the clock. Filled by /demo/state, kept live by server-sent events.

import * as server from "./server.js";

const EVENTS = ["message", "deleted", "commands", "clock", "action", "answered"];
const ACTION_LASTS = 5500;

export class Demo extends EventTarget {
  phones = new Map();
  bot = { name: "", username: "" };
  timeZone = "Asia/Shanghai";
  ready = false;
  #ahead = 0;
  #waiting = [];

  /** Opens the stream first and then asks for the state, so that nothing falls between the two. */
  listen() {
    const stream = new EventSource("/demo/events");
    for (const kind of EVENTS) stream.addEventListener(kind, (event) => this.#hear(kind, JSON.parse(event.data)));
    stream.addEventListener("open", () => this.#load());
    stream.addEventListener("error", () => this.#tell("offline"));
  }

  get now() { return new Date(Date.now() + this.#ahead); }

  settings(userId, changed) {
    Object.assign(this.phones.get(userId), changed);
    this.#tell("phone", { userId, what: "settings" });
  }

  seen(userId) {
    const phone = this.phones.get(userId);
    if (!phone?.unread) return;
    phone.unread = 0;
    this.#tell("unread");
  }

  async #load() {
    this.ready = false;
    try {
      this.#take(await server.state());
    } catch {
      this.#tell("offline");
      setTimeout(() => this.#load(), 1500);
    }
  }

  #take(state) {
    this.bot = state.bot;
    this.timeZone = state.time_zone;
    this.#setClock(state.now);
    const before = this.phones;
    this.phones = new Map(state.phones.map((phone) => [phone.user_id, {
      ...phone,
      unread: before.get(phone.user_id)?.unread ?? 0,
      messages: new Map((state.messages[phone.user_id] ?? []).map((message) => [message.id, message])),
      commands: state.commands[phone.user_id] ?? [],
      action: null,
    }]));
    this.ready = true;
    this.#tell("loaded");
    for (const [kind, body] of this.#waiting.splice(0)) this.#hear(kind, body);
  }

  #hear(kind, body) {
    if (!this.ready) return void this.#waiting.push([kind, body]);
    if (kind === "clock") return this.#clock(body.now);
    const phone = this.phones.get(body.user_id);
    if (phone) this[`_${kind}`](phone, body);
  }

  _message(phone, { message }) {
    const fresh = !phone.messages.has(message.id);
    phone.messages.set(message.id, message);
    if (message.from_bot) phone.action = null;
    if (message.from_bot && fresh) {
      phone.unread += 1;
      this.#tell("unread");
    }
    this.#tell("phone", { userId: phone.user_id, what: "messages" });
  }

  _deleted(phone, { id }) {
    const message = phone.messages.get(id);
    if (message) message.deleted = true;
    this.#tell("phone", { userId: phone.user_id, what: "messages" });
  }

  _commands(phone, { commands }) {
    phone.commands = commands;
    this.#tell("phone", { userId: phone.user_id, what: "commands" });
  }

  _action(phone, { action }) {
    phone.action = action;
    this.#tell("phone", { userId: phone.user_id, what: "action" });
    clearTimeout(phone.actionTimer);
    phone.actionTimer = setTimeout(() => {
      phone.action = null;
      this.#tell("phone", { userId: phone.user_id, what: "action" });
    }, ACTION_LASTS);
  }

  _answered(phone, { text, alert }) {
    this.#tell("phone", { userId: phone.user_id, what: "answered", text, alert });
  }

  #clock(now) {
    this.#setClock(now);
    this.#tell("clock");
  }

  #setClock(now) { this.#ahead = Date.parse(now) - Date.now(); }

  #tell(kind, detail = {}) { this.dispatchEvent(new CustomEvent(kind, { detail })); }
}
