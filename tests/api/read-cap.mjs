// What another reader of CAP 1.2 finds in the messages named as arguments: one JSON list on standard output.
import { readFileSync } from 'node:fs';
import cap from '@dec112/cap-ts';

const { CAP_1_2 } = cap;
const found = [];
for (const file of process.argv.slice(2)) {
  const alert = await CAP_1_2.Alert.fromXML(readFileSync(file, 'utf8'));
  found.push({
    identifier: alert.identifier,
    sender: alert.sender,
    sent: alert.sent,
    scope: alert.scope === CAP_1_2.Alert_scope_restricted ? 'Restricted' : String(alert.scope),
    status: alert.status === CAP_1_2.Alert_status_test ? 'Test' : String(alert.status),
    restriction: alert.restriction,
    references: (alert.references ?? '').split(/\s+/).filter(Boolean),
    languages: alert.info_list.map((info) => info.language),
    onsets: alert.info_list.map((info) => info.onset),
    headlines: alert.info_list.map((info) => info.headline),
    regions: alert.info_list.map((info) => info.area_list[0].geocode_list[0].value),
  });
}
process.stdout.write(JSON.stringify(found));
