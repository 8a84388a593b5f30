// Fetches each page that a message names, and sends its status, its type and its title, or who refused it.
const bytes = text => Uint8Array.from(text, character => character.charCodeAt(0));
const text = array => { let all = ""; for (const byte of array) all += String.fromCharCode(byte); return all; };

let message;
while ((message = cell.receive(5)) !== null) {
  try {
    const [status, headers, body] = cell.fetch(text(message), "GET", {accept: "text/html"});
    const page = text(body);
    const start = page.indexOf("<title>"), end = page.indexOf("</title>");
    const title = start >= 0 && start < end ? page.slice(start + 7, end) : "-";
    cell.send(bytes(status + " " + (headers["content-type"] || "-") + " " + title));
  } catch (error) {
    if (!(error instanceof cell.Refused)) {
      throw error;
    }
    cell.send(bytes("refused " + error.grant));
  }
}
