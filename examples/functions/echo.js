// Sends back each message with its number, and keeps the last one and how many there were in its store.
const bytes = text => Uint8Array.from(text, character => character.charCodeAt(0));
const text = array => String.fromCharCode(...array);

let count = Number(text(cell.store.get("count") || bytes("0")));
let message;
while ((message = cell.receive(5)) !== null) {
  count++;
  cell.store.put("count", bytes(String(count)));
  cell.store.put("last", message);
  const last = cell.store.get("last");
  const number = bytes(count + " ");
  const answer = new Uint8Array(number.length + last.length);
  answer.set(number);
  answer.set(last, number.length);
  cell.send(answer);
}
