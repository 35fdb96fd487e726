// The typing box: text, reply, edit, photos with a caption, files, voice, the command menu's button.

import { plainText } from "./bubble.js";
import { icon, iconButton, make, settle } from "./dom.js";
import { say } from "./i18n.js";
import { samplePhoto } from "./sample.js";
import { seconds } from "./time.js";
import { record, sampleVoice } from "./voice.js";

export class Composer {
  #aim = null;
  #photos = [];
  #recording = null;

  /** chat: {calls, attempt(call) -> Promise<bool>, toast(text), commands()} */
  constructor(phone, chat) {
    Object.assign(this, { phone, chat });
    this.#build();
    this.relabel();
  }

  #say(key, values) { return say(this.phone.language_code, key, values); }

  #build() {
    this.input = make("textarea", { rows: "1", dir: "auto", enterkeyhint: "send", autocomplete: "off", data: { input: "" },
      on: { input: () => this.#changed(), keydown: (event) => this.#keyed(event), paste: (event) => this.#pasted(event) } });
    this.menu = make("button", { type: "button", class: "menu", data: { menu: "" }, on: { click: () => this.chat.commands() } }, icon("menu"), make("span"));
    this.attach = iconButton("clip", "", { class: "round", "aria-expanded": "false", data: { attach: "" }, on: { click: () => this.#toggleSheet() } });
    this.mic = iconButton("mic", "", { class: "round", data: { record: "" }, on: { click: () => this.#record() } });
    this.send = make("button", { type: "submit", class: "round send", data: { send: "" } }, icon("send"));
    this.photoInput = this.#picker("image/*", true, { photoInput: "" }, (files) => this.#addPhotos(files));
    this.fileInput = this.#picker("", false, { fileInput: "" }, (files) => this.chat.attempt(() => this.chat.calls.file(files[0])));
    this.strip = make("div", { class: "strip", hidden: true });
    this.sheet = make("div", { class: "attachments", hidden: true });
    this.element = make("form", { class: "composer", on: { submit: (event) => this.#submit(event) } },
      this.sheet, this.strip,
      make("div", { class: "line" }, this.menu, this.attach, this.input, this.mic, this.send, this.photoInput, this.fileInput));
  }

  #picker(accept, multiple, data, take) {
    const input = make("input", { type: "file", accept, multiple, hidden: true, tabindex: "-1", data });
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      if (files.length) take(files);
    });
    return input;
  }

  relabel() {
    this.input.placeholder = this.#say("placeholder");
    this.input.setAttribute("aria-label", this.#say("placeholder"));
    this.menu.lastChild.textContent = this.#say("menu");
    for (const [node, key] of [[this.attach, "attach"], [this.mic, "record"], [this.send, "send"], [this.menu, "commands"]]) {
      node.title = this.#say(key);
      node.setAttribute("aria-label", this.#say(key));
    }
    this.#fillSheet();
    this.#changed();
  }

  #fillSheet() {
    const offers = [
      ["photo", "photo", () => this.photoInput.click()],
      ["sun", "sample_photo", async () => this.#addPhotos([await samplePhoto()])],
      ["wave", "sample_voice", () => this.#sendVoice(sampleVoice())],
      ["file", "file", () => this.fileInput.click()],
      ["person", "contact", () => this.chat.attempt(() => this.chat.calls.contact())],
    ];
    settle(this.sheet, offers.map(([sign, key, act]) => make("button", { type: "button", data: { offer: key }, on: { click: () => { this.#toggleSheet(false); act(); } } },
      icon(sign), make("span", { text: this.#say(key) }))));
  }

  #toggleSheet(open = this.sheet.hidden) {
    this.sheet.hidden = !open;
    this.attach.setAttribute("aria-expanded", String(open));
  }

  close() { this.#toggleSheet(false); }

  reply(message) { this.#setAim({ kind: "reply", id: message.id, text: plainText(message) || "…" }); }

  edit(message) {
    this.#setAim({ kind: "edit", id: message.id, text: plainText(message) });
    this.input.value = plainText(message);
    this.#changed();
  }

  #setAim(aim) {
    if (this.#aim?.kind === "edit") this.input.value = "";
    this.#aim = aim;
    this.#drawStrip();
    this.#changed();
    this.input.focus();
  }

  #addPhotos(files) {
    this.#photos.push(...files.slice(0, 10 - this.#photos.length).map((file) => ({ file, url: URL.createObjectURL(file) })));
    this.#drawStrip();
    this.#changed();
    this.input.focus();
  }

  #pasted(event) {
    const images = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!images.length) return;
    event.preventDefault();
    this.#addPhotos(images);
  }

  #drawStrip() {
    const close = iconButton("close", this.#say("close"), { class: "round small", on: { click: () => this.#reset(this.#aim?.kind === "edit") } });
    const content = this.#recording ? this.#recordingStrip() : this.#photos.length ? this.#photoStrip() : this.#aim ? this.#aimStrip() : null;
    this.strip.hidden = !content;
    settle(this.strip, content ? [...content, close] : []);
  }

  #aimStrip() {
    const title = this.#say(this.#aim.kind === "edit" ? "editing" : "replying");
    return [icon(this.#aim.kind), make("div", { class: "aim" }, make("strong", { text: title }), make("span", { text: this.#aim.text, dir: "auto" }))];
  }

  #photoStrip() {
    const images = this.#photos.map(({ url }) => make("img", { src: url, alt: this.#say("photo_alt") }));
    return [make("div", { class: "previews" }, ...images), make("span", { class: "hint", text: this.#say("attached", { count: images.length }) })];
  }

  #recordingStrip() {
    this.counter = make("span", { class: "counter", text: "0:00" });
    return [make("i", { class: "dot" }), make("div", { class: "aim" }, make("strong", { text: this.#say("recording") }), this.counter)];
  }

  #reset(clear) {
    this.#recording?.cancel();
    clearInterval(this.#recording?.timer);
    this.#recording = null;
    this.#photos.forEach(({ url }) => URL.revokeObjectURL(url));
    this.#photos = [];
    this.#aim = null;
    if (clear) this.input.value = "";
    this.#drawStrip();
    this.#changed();
  }

  #changed() {
    const something = this.input.value.trim() !== "" || this.#photos.length > 0 || this.#recording !== null;
    this.send.hidden = !something;
    this.mic.hidden = something;
    this.element.classList.toggle("writing", something);
    this.input.style.height = "auto";
    if (this.input.value) this.input.style.height = `${Math.min(this.input.scrollHeight, 132)}px`;
  }

  #keyed(event) {
    if (event.key === "Escape") return void this.#reset(this.#aim?.kind === "edit");
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  async #submit(event) {
    event.preventDefault();
    this.close();
    if (this.#recording) return this.#finishRecording();
    const [text, aim, files] = [this.input.value, this.#aim, this.#photos.map(({ file }) => file)];
    if (!files.length && !text.trim()) return;
    this.#reset(true);
    this.input.focus();
    const sent = await this.chat.attempt(() => this.#call(text, aim, files));
    if (!sent && !this.input.value) this.#restore(text, aim, files);
  }

  #call(text, aim, files) {
    const { calls } = this.chat;
    if (files.length) return calls.photo(files, text.trim());
    return aim?.kind === "edit" ? calls.edit(aim.id, text) : calls.text(text, aim?.id);
  }

  #restore(text, aim, files) {
    this.input.value = text;
    this.#aim = aim;
    this.#addPhotos(files);
  }

  async #record() {
    try {
      this.#recording = await record();
    } catch {
      this.chat.toast(this.#say("no_microphone"));
      return this.#sendVoice(sampleVoice());
    }
    const began = Date.now();
    this.#recording.timer = setInterval(() => { this.counter.textContent = seconds((Date.now() - began) / 1000); }, 250);
    this.#drawStrip();
    this.#changed();
  }

  async #finishRecording() {
    const recording = this.#recording;
    clearInterval(recording.timer);
    const note = await recording.stop();
    this.#recording = null;
    this.#reset(false);
    this.#sendVoice(note);
  }

  #sendVoice(note) { return this.chat.attempt(() => this.chat.calls.voice(note.file, note.seconds)); }
}
