// Keeps what was put into it, and gives it out until a count, a volume or a time; then nothing of it is left.
// The same as dropbox.py, for hosts that run functions within their own process; dropbox.md has what it is asked.
const REFUSED = Uint8Array.of("-".charCodeAt(0));
const DONE = "+".charCodeAt(0);
const [PUT, GET] = ["P".charCodeAt(0), "G".charCodeAt(0)];
const PIECES_MOST = 1024;
const LAST_ANSWERS_S = 1; // how long those who stand in line hear the refusal, when all is gone

const bounds = {};
for (const line of String.fromCharCode(...cell.store.get("data")).split("\n")) {
  const [name, value] = line.split(" ");
  bounds[name] = Number(value);
}
const until = cell.time() + bounds.seconds;
let volume = bounds.volume;
let pieces = 0; // of the whole; known from the first
const given = []; // how often each piece that is here was given out

const number = (message, at) => new DataView(message.buffer, message.byteOffset).getUint32(at);

// Takes the pieces in order, up to the last: from then on there is no putting.
function put(index, count, piece) {
  if (index !== given.length || index >= count || count > PIECES_MOST || (index && count !== pieces)) {
    return REFUSED;
  }
  cell.store.put(String(index), piece);
  pieces = count;
  given.push(0);
  return Uint8Array.of(DONE);
}

// Gives a piece of the whole, as often as each is given.
function get(index) {
  if (!pieces || given.length < pieces || index >= pieces || given[index] === bounds.reads) {
    return REFUSED;
  }
  const piece = cell.store.get(String(index));
  if (piece.length > volume) {
    volume = 0;
    return REFUSED;
  }
  given[index]++;
  volume -= piece.length;
  const answer = new Uint8Array(5 + piece.length);
  answer[0] = DONE;
  new DataView(answer.buffer).setUint32(1, pieces);
  answer.set(piece, 5);
  return answer;
}

function answer(message) {
  try {
    if (message[0] === PUT && message.length >= 9) {
      return put(number(message, 1), number(message, 5), message.subarray(9));
    }
    return message[0] === GET && message.length === 5 ? get(number(message, 1)) : REFUSED;
  } catch (error) {
    return REFUSED; // the store is full, or failed
  }
}

const isSpent = () => volume <= 0 || (pieces > 0 && given.length === pieces && given.every(count => count === bounds.reads));

// Answers until a bound is reached; returns what is still to be said then.
function serve() {
  for (let left; (left = until - cell.time()) > 0;) {
    const message = cell.receive(left);
    if (message === null) {
      break;
    }
    const said = answer(message);
    if (isSpent()) {
      return said;
    }
    cell.send(said);
  }
  return null;
}

const last = serve();
cell.store.list().forEach(name => cell.store.delete(name));
if (last !== null) {
  cell.send(last);
}
const closing = cell.time() + LAST_ANSWERS_S;
for (let left; (left = closing - cell.time()) > 0 && cell.receive(left) !== null;) {
  cell.send(REFUSED);
}
