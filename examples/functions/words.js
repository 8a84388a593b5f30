// Counts words in a stream of messages, which may end within a word; at the end sends them, most frequent first.
const counts = new Map();
let rest = "";
let message;
do {
  message = cell.receive(5);
  let text = rest;
  for (const byte of message || [32]) {
    text += String.fromCharCode(byte >= 65 && byte <= 90 ? byte + 32 : byte);
  }
  const words = text.replace(/\n/g, " ").split(" ");
  rest = words.pop();
  for (const word of words) {
    if (word) {
      counts.set(word, (counts.get(word) || 0) + 1);
    }
  }
} while (message !== null);
const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
for (const [word, count] of sorted) {
  cell.send(Uint8Array.from(count + " " + word, character => character.charCodeAt(0)));
}
