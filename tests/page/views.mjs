// Every view with an address that shows something, on a store in which a day was read.
export async function views_of(server) {
  const { incidents } = await server.get('/api/v1/incidents');
  const incident = incidents.at(-1);
  const others = (await server.get('/api/v1/services')).services.filter((s) => s.id !== incident.service).slice(0, 3).map((s) => s.id);
  const middle = new Date((Date.parse(incident.opened_at) + Date.parse(incident.resolved_at ?? incident.updated_at)) / 2).toISOString();
  return {
    board: '#/',
    service: `#/service/${incident.service}`,
    incident: `#/incident/${incident.id}`,
    'incident-then': `#/incident/${incident.id}?as_of=${encodeURIComponent(middle)}`,
    compare: `#/compare?services=${encodeURIComponent([incident.service, ...others].join())}`,
    read: '#/read',
  };
}
export const sentence = 'whatsapp pe msg nahi ja raha, sirf ek tick, kolkata';
