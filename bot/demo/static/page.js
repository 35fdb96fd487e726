// The demo page: puts the top, the tabs and the phones together, and hears what the store tells.

import { Clock } from "./clock.js";
import { iconButton, make, settle } from "./dom.js";
import { htmlLanguage, say, tongue } from "./i18n.js";
import { People } from "./people.js";
import { Phone } from "./phone.js";
import { Demo } from "./store.js";
import { dayKey } from "./time.js";

const address = new URLSearchParams(location.search);
const parts = Object.fromEntries(["top", "people", "offline", "stage", "dialog"].map((id) => [id, document.getElementById(id)]));

class Page {
  #language = tongue(address.get("lang") ?? localStorage.getItem("language") ?? navigator.language);
  #phones = new Map();
  #day = "";

  constructor() {
    this.demo = new Demo();
    const shared = { language: () => this.#language, phones: () => this.#phones, notice: (text) => this.#notice(text, 6000) };
    this.people = new People(this.demo, parts.people, { ...shared, first: Number(address.get("phone")) || null });
    this.clock = new Clock(this.demo, shared);
    this.#hear();
    this.#relabel();
    this.demo.listen();
  }

  #hear() {
    const on = (kind, heard) => this.demo.addEventListener(kind, ({ detail }) => heard(detail));
    on("loaded", () => this.#loaded());
    on("phone", (detail) => this.#phoneChanged(detail));
    on("unread", () => this.people.draw());
    on("clock", () => this.#drawTime());
    on("offline", () => this.#notice(say(this.#language, this.#phones.size ? "offline" : "no_server")));
    setInterval(() => this.demo.ready && this.#drawTime(), 1000);
    window.addEventListener("resize", () => this.demo.ready && this.people.arrange());
    document.addEventListener("visibilitychange", () => this.demo.ready && this.people.draw());
    for (const event of ["pointerdown", "focusin"]) parts.stage.addEventListener(event, ({ target }) => this.#used(target));
  }

  #used(target) {
    const phone = target.closest("[data-phone]");
    if (phone) this.people.used(Number(phone.dataset.phone));
  }

  #relabel() {
    const language = this.#language;
    document.documentElement.lang = htmlLanguage(language);
    document.title = say(language, "title");
    settle(parts.top, [this.#brand(), this.clock.element, this.#languages()]);
    this.clock.relabel();
    for (const phone of this.#phones.values()) phone.relabel();
    if (this.demo.ready) this.people.draw();
    else settle(parts.stage, [make("p", { class: "opening", text: say(language, "starting") })]);
  }

  #brand() {
    return make("div", { class: "brand" }, make("img", { src: "/static/mark.svg", alt: "", width: "44", height: "44" }),
      make("div", {}, make("h1", { text: say(this.#language, "product") }), make("p", { text: say(this.#language, "tagline") })));
  }

  #languages() {
    const choice = (code, text) => make("button", { type: "button", text, lang: code === "zh" ? "zh-Hans" : "en", "aria-pressed": String(this.#language === code),
      data: { pageLanguage: code }, on: { click: () => this.#setLanguage(code) } });
    return make("div", { class: "toggle page-language", role: "group", "aria-label": say(this.#language, "page_language") }, choice("zh", "中文"), choice("en", "English"));
  }

  #setLanguage(language) {
    this.#language = language;
    localStorage.setItem("language", language);
    address.set("lang", language);
    history.replaceState(null, "", `?${address}`);
    this.#relabel();
  }

  #loaded() {
    parts.offline.hidden = true;
    const made = [...this.demo.phones].map(([id, phone]) => [id, this.#phoneFor(id, phone)]);
    this.#phones = new Map(made);
    settle(parts.stage, made.map(([, phone]) => phone.element));
    this.people.arrange();
    this.#drawTime();
    document.body.classList.add("ready");
  }

  /** After a reconnection the phones stay and get the new facts. */
  #phoneFor(id, facts) {
    const known = this.#phones.get(id);
    if (!known) return new Phone(this.demo, facts, this.#pageForPhone());
    this.demo.phones.set(id, Object.assign(known.phone, facts));
    known.refresh();
    return known;
  }

  #pageForPhone() {
    return { language: () => this.#language, enlarge: (url) => this.#enlarge(url), choose: (payload) => this.#choose(payload) };
  }

  #phoneChanged({ userId, what, ...detail }) {
    const phone = this.#phones.get(userId);
    if (what === "answered") phone?.answered(detail);
    else phone?.draw(what);
  }

  #drawTime() {
    this.clock.draw();
    const day = dayKey(this.demo.now, this.demo.timeZone);
    for (const phone of this.#phones.values()) {
      phone.drawTime();
      if (day !== this.#day) phone.draw("messages");
    }
    this.#day = day;
  }

  #notice(text, lasts) {
    parts.offline.textContent = text;
    parts.offline.hidden = false;
    if (lasts) setTimeout(() => { parts.offline.hidden = true; }, lasts);
  }

  #show(name, ...content) {
    const close = iconButton("close", say(this.#language, "close"), { class: "round close", on: { click: () => parts.dialog.close() } });
    parts.dialog.className = `dialog ${name}`;
    settle(parts.dialog, [...content, close]);
    parts.dialog.onclick = (event) => event.target === parts.dialog && parts.dialog.close();
    parts.dialog.showModal();
  }

  #enlarge(url) {
    this.#show("lightbox", make("img", { src: url, alt: say(this.#language, "photo_alt") }));
  }

  #choose(payload) {
    const choice = ({ user_id: id, name, role }) => make("button", { type: "button", class: "choice", data: { choose: id, role }, on: { click: () => this.#startOn(id, payload) } },
      make("span", { class: "face", "aria-hidden": "true", text: [...name][0] }), make("b", { text: name }), make("small", { text: say(this.#language, role) }));
    this.#show("chooser", make("h2", { text: say(this.#language, "which_phone") }), make("p", { text: say(this.#language, "which_phone_why") }),
      make("div", { class: "choices" }, ...[...this.demo.phones.values()].map(choice)));
  }

  #startOn(id, payload) {
    parts.dialog.close();
    this.people.pick(id);
    this.#phones.get(id).start(payload);
  }
}

new Page();
