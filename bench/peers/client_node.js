// The client rows with Node's http and https; bench/errand.h says what it is told and prints.
//
// As many chains of requests as jobs take the URLs in turn. Each URL is parsed when it is asked.
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');

const [mode, path, countWord, warmWord, jobsWord, ca] = process.argv.slice(2);
const urls = fs.readFileSync(path, 'utf8').split('\n').filter(Boolean);
const secure = urls[0].startsWith('https:');
const jobs = Number(jobsWord);
const agent = new (secure ? https : http).Agent({
  keepAlive: mode === 'keep', maxSockets: jobs, maxFreeSockets: jobs,
  ca: ca && fs.readFileSync(ca),
});
// Without the header an agent hands a free connection on, whatever keepAlive says.
const options = { agent, timeout: 60000, headers: mode === 'keep' ? {} : { Connection: 'close' } };
const get = (secure ? https : http).get;
let bytes = 0;

function fail(why) {
  console.error(`client_node: ${why}`);
  process.exit(1);
}

function status(field) {
  const found = new RegExp(`${field}:\\s*(\\d+)`).exec(fs.readFileSync('/proc/self/status', 'utf8'));
  return Number(found[1]) * 1024;
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function run(count, done) {
  let left = count, running = Math.min(jobs, count);
  if (running === 0)
    done();
  const next = () => {
    if (left === 0) {
      if (--running === 0)
        done();
      return;
    }
    get(urls[--left % urls.length], options, (response) => {
      if (response.statusCode !== 200)
        fail(`status ${response.statusCode}`);
      response.on('data', (piece) => { bytes += piece.length; });
      response.on('end', () => response.complete ? next() : fail('cut short'));
    }).on('error', fail).on('timeout', () => fail('timed out'));
  };
  for (let i = running; i > 0; i--)
    next();
}

const memory = status('VmRSS') + status('VmPTE');
run(Number(warmWord), () => {
  const count = Number(countWord), used = cpu(), start = process.hrtime.bigint();
  bytes = 0;
  run(count, () => {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const peak = status('VmHWM') + status('VmPTE');
    console.log(`requests ${count / seconds} requests/s`);
    console.log(`bandwidth ${bytes / seconds / 1e6} MB/s`);
    console.log(`cpu_us ${(cpu() - used) / count} us`);
    console.log(`peak ${peak / 1e6} MB`);
    console.log(`memory ${(peak - memory) / jobs} bytes`);
    process.exit(0);
  });
});
