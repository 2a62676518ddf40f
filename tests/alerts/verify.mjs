// Whether messages that thap sent are what the Standard Webhooks library takes: node verify.mjs MESSAGES SECRET
// A line of MESSAGES is {"headers": {...}, "body": "...", "received_ms": N}, as received and when. Each with a letter changed
// has to be refused, and so has each ten minutes later.
import fs from 'node:fs';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const [file, secret] = process.argv.slice(2);
const webhook = new Webhook(secret);
let verified = 0;
for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const { headers, body, received_ms } = JSON.parse(line);
  const refuses = (text, at_ms) => {
    Date.now = () => at_ms; // the library looks at the age of a message
    try {
      webhook.verify(text, headers);
      return false;
    } catch (error) {
      return error instanceof WebhookVerificationError;
    }
  };
  if (refuses(body, received_ms)) throw new Error(`refused: ${headers['webhook-id']}`);
  if (!refuses(body.replace('incident', 'lncident'), received_ms)) throw new Error(`an altered body is taken: ${headers['webhook-id']}`);
  if (!refuses(body, received_ms + 600_000)) throw new Error(`an old message is taken: ${headers['webhook-id']}`);
  verified += 1;
}
console.log(verified);
