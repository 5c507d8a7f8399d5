// PagerDuty's own client against a server of ours, unchanged: one alert from its begin to its end, and a key that opens
// no door. Prints what it saw; fails if it was not what PagerDuty answers. Use: pagerduty.js HOST:PORT
const { trigger, acknowledge, resolve } = require("@pagerduty/pdjs");

const server = process.argv[2];
const data = {
  routing_key: "dev",
  dedup_key: "disk-1",
  payload: { summary: "Disk is full", source: "db-1", severity: "critical", custom_details: { free: "0%" } },
};

function equal(what, seen, wanted) {
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
  }
}

async function main() {
  const taken = { dedup_key: "disk-1", message: "Event processed", status: "success" };
  for (const act of [trigger, trigger, acknowledge, resolve]) {
    const answer = await act({ server, data });
    equal("status", answer.response.status, 202);
    equal("answer", answer.data, taken);
  }
  const { dedup_key, ...fresh } = data;
  const named = await trigger({ server, data: fresh });
  equal("an event without a key gets one", typeof named.data.dedup_key, "string");
  const refused = await trigger({ server, data: { ...data, routing_key: "nobody" } });
  equal("status of a key that opens no door", refused.response.status, 400);
  equal("its answer", refused.data.status, "invalid event");
  console.log("PagerDuty's client got through");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
