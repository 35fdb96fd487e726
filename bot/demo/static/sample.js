// A photo to send when one has none at hand: hills, a sun, a house, never twice the same.

const SIZE = { width: 960, height: 720 };
const SKIES = [["#fbe3c0", "#f2b48a"], ["#d8e8ee", "#a9c9d4"], ["#f4d9d0", "#dfa59a"]];
const HILLS = ["#9db08a", "#6f8f70", "#4d7059"];

/** A JPEG File. */
export function samplePhoto() {
  const canvas = Object.assign(document.createElement("canvas"), SIZE);
  const pen = canvas.getContext("2d");
  paintSky(pen);
  HILLS.forEach((colour, index) => paintHill(pen, colour, 360 + index * 95));
  paintHouse(pen, 240 + Math.random() * 420, 560);
  return new Promise((done) => canvas.toBlob((blob) => done(new File([blob], "photo.jpg", { type: "image/jpeg" })), "image/jpeg", 0.86));
}

function paintSky(pen) {
  const [top, bottom] = SKIES[Math.floor(Math.random() * SKIES.length)];
  const sky = pen.createLinearGradient(0, 0, 0, SIZE.height);
  sky.addColorStop(0, top);
  sky.addColorStop(1, bottom);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, SIZE.width, SIZE.height);
  pen.fillStyle = "#fff6e3";
  pen.beginPath();
  pen.arc(140 + Math.random() * 680, 150 + Math.random() * 60, 58, 0, 2 * Math.PI);
  pen.fill();
}

function paintHill(pen, colour, base) {
  const shift = Math.random() * 6;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(0, SIZE.height);
  for (let x = 0; x <= SIZE.width; x += 12) pen.lineTo(x, base + 42 * Math.sin(x / 150 + shift) + 22 * Math.sin(x / 61 + shift * 2));
  pen.lineTo(SIZE.width, SIZE.height);
  pen.fill();
}

function paintHouse(pen, x, y) {
  pen.fillStyle = "#f6efe4";
  pen.fillRect(x, y, 110, 74);
  pen.fillStyle = "#5b4a42";
  pen.beginPath();
  pen.moveTo(x - 18, y + 4);
  pen.quadraticCurveTo(x + 55, y - 62, x + 128, y + 4);
  pen.fill();
  pen.fillStyle = "#b4472f";
  pen.fillRect(x + 44, y + 30, 24, 44);
}
