// Voice notes: the player in a bubble, the recorder, and a sample for machines without a microphone.

import { icon, make, settle } from "./dom.js";
import { say } from "./i18n.js";
import { seconds } from "./time.js";

const BARS = 26;
const RATE = 8000;

export function voicePlayer(url, seed, language) {
  const sound = new Audio(url);
  sound.preload = "metadata";
  const button = make("button", { type: "button", class: "play", "aria-label": say(language, "play") }, icon("play"));
  const bars = Array.from({ length: BARS }, (_, index) => bar(seed, index));
  const length = make("span", { class: "length", text: "0:00" });
  const show = () => {
    const share = sound.duration > 0 ? sound.currentTime / sound.duration : 0;
    bars.forEach((node, index) => node.classList.toggle("played", index < share * BARS));
    length.textContent = seconds(sound.currentTime || sound.duration);
    button.setAttribute("aria-label", say(language, sound.paused ? "play" : "pause"));
    settle(button, [icon(sound.paused ? "play" : "pause")]);
  };
  for (const event of ["loadedmetadata", "timeupdate", "play", "pause", "ended"]) sound.addEventListener(event, show);
  button.addEventListener("click", () => (sound.paused ? sound.play().catch(show) : sound.pause()));
  return make("div", { class: "voice", role: "group", "aria-label": say(language, "voice"), data: { voice: url } },
    button, make("span", { class: "bars", "aria-hidden": "true" }, ...bars), length);
}

function bar(seed, index) {
  const node = make("i");
  const wave = Math.abs(Math.sin(seed * 1.7 + index * 0.9) * Math.cos(index * 0.37 + seed));
  node.style.setProperty("--height", `${Math.round(22 + 78 * wave)}%`);
  return node;
}

/** A running recording: {stop() -> Promise<{file, seconds}>, cancel()}. Throws where there is no microphone. */
export async function record() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const type = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"].find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  const chunks = [];
  const began = Date.now();
  recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
  recorder.start();
  const ended = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
  const halt = () => {
    if (recorder.state !== "inactive") recorder.stop();
    stream.getTracks().forEach((track) => track.stop());
  };
  return {
    cancel: halt,
    async stop() {
      halt();
      await ended;
      const kind = (recorder.mimeType || "audio/ogg").split(";")[0];
      return { file: new File(chunks, `voice.${kind.split("/")[1]}`, { type: kind }), seconds: Math.max(1, Math.round((Date.now() - began) / 1000)) };
    },
  };
}

/** Two seconds of a soft chime as a WAV file. */
export function sampleVoice() {
  const count = RATE * 2;
  const view = new DataView(new ArrayBuffer(44 + count * 2));
  waveHeader(view, count);
  for (let index = 0; index < count; index += 1) view.setInt16(44 + index * 2, chime(index / RATE), true);
  return { file: new File([view], "voice.wav", { type: "audio/wav" }), seconds: 2 };
}

function chime(t) {
  const note = (pitch, from) => (t < from ? 0 : Math.sin(2 * Math.PI * pitch * (t - from)) * Math.exp(-3 * (t - from)));
  return Math.round(9000 * (note(523.25, 0) + note(659.25, 0.45) + note(783.99, 0.9)));
}

function waveHeader(view, count) {
  const word = (at, text) => [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  word(0, "RIFF"); view.setUint32(4, 36 + count * 2, true); word(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true); view.setUint32(28, RATE * 2, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  word(36, "data"); view.setUint32(40, count * 2, true);
}
