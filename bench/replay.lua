-- Replays a list of addresses with wrk and counts what came back. Arguments after `--`:
--   LIST EXPECTED THREADS [NAME: VALUE]...
-- LIST: one path a line. Each thread takes every THREADS-th line, beginning with its own. EXPECTED: the only good status.
-- The rest are headers to send. At the end one line `result key=value ...` is written; times are in milliseconds.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  threads[#threads + 1] = thread
end

function init(args)
  expected, step = tonumber(args[2]), tonumber(args[3])
  bad, hits, told, sent = 0, 0, 0, 0 -- globals, since `done` may read only those of a thread
  local headers = {}
  for i = 4, #args do
    local name, value = args[i]:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  list = {}
  local line_number = 0
  for path in io.lines(args[1]) do
    if line_number % step == number then list[#list + 1] = wrk.format("GET", path, headers) end
    line_number = line_number + 1
  end
  assert(#list > 0, "the list has no line for thread " .. number)
  length = #list
end

function request()
  local at = sent % length + 1
  sent = sent + 1
  return list[at]
end

function response(status, headers, _)
  if status ~= expected then bad = bad + 1 end
  for name, value in pairs(headers) do
    if #name == 12 and name:lower() == "cache-status" then
      told = told + 1
      value = (";" .. value:lower() .. ";"):gsub("%s", "")
      if value:find(";hit;", 1, true) or value:find(";hit,", 1, true) then hits = hits + 1 end
    end
  end
end

function done(summary, latency, _)
  local bad_sum, hit_sum, told_sum, wrapped = 0, 0, 0, 0
  for _, thread in ipairs(threads) do
    bad_sum, hit_sum, told_sum = bad_sum + thread:get("bad"), hit_sum + thread:get("hits"), told_sum + thread:get("told")
    wrapped = wrapped + math.max(0, thread:get("sent") - thread:get("length"))
  end
  local e = summary.errors
  io.write(string.format(
    "result requests=%d seconds=%.4f p50=%.4f p95=%.4f bytes=%d bad=%d broken=%d hits=%d told=%d wrapped=%d\n",
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, summary.bytes,
    bad_sum, e.connect + e.read + e.write + e.timeout, hit_sum, told_sum, wrapped))
end
