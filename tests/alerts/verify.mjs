// Whether messages that thap sent are what the Standard Webhooks library takes: node verify.mjs MESSAGES SECRET
// A line of MESSAGES is {"headers": {...}, "body": "..."}, as received. Each with a letter changed has to be refused.
import fs from 'node:fs';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const [file, secret] = process.argv.slice(2);
const webhook = new Webhook(secret);
let verified = 0;
for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const { headers, body } = JSON.parse(line);
  webhook.verify(body, headers);
  let refused = false;
  try {
    webhook.verify(body.replace('incident', 'lncident'), headers);
  } catch (error) {
    refused = error instanceof WebhookVerificationError;
  }
  if (!refused) throw new Error(`an altered body is taken: ${headers['webhook-id']}`);
  verified += 1;
}
console.log(verified);
