/* cli/work_scripts.c -- see work_scripts.h.
 *
 * Lua, for a server runs a script without letting anybody between.  One whose memory is full
 * refuses what needs some, but only as the first change of a script: so what takes an entry out
 * comes first, and work may end where none can be added.  XAUTOCLAIM and what XINFO tells are those
 * of Redis 7. */
#include "cli/work_scripts.h"

#define NAMES "local stream, items, dead, counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]\n"

/* The value of an entry's field; "" if it has none. */
#define FIELD \
    "local function field(fields, name)\n" \
    "  for i = 1, #fields, 2 do\n" \
    "    if fields[i] == name then return fields[i + 1] end\n" \
    "  end\n" \
    "  return ''\n" \
    "end\n"

#define DROP \
    "local function drop(id)\n" \
    "  redis.call('XACK', stream, 'bide', id)\n" \
    "  redis.call('XDEL', stream, id)\n" \
    "end\n"

/* What became of an item is kept as
 *
 *     ""               nothing yet
 *     LINE \n WHO      it is done, and this line came of it
 *     \n WHO           it is buried, with a line of that worker's
 *     \n LETTER        it is buried, and nobody had a line; the dead letter's id
 *
 * WHO is the worker and the entry that it had, for that alone tells its second question, where the
 * first reply was lost, from that of another: their lines may be the same. */
#define WHO \
    "local function who(worker, id)\n" \
    "  return '\\n' .. id .. ' ' .. worker\n" \
    "end\n"

/* An entry's end where nobody can do it. */
#define BURY \
    "local function bury(id, fields, tries, why, teller)\n" \
    "  local item = field(fields, 'item')\n" \
    "  drop(id)\n" \
    "  local letter = redis.call('XADD', dead, '*', 'item', item, 'more',\n" \
    "             field(fields, 'more'), 'n', field(fields, 'n'), 'tries', tries, 'why', why)\n" \
    "  redis.call('HSET', items, item, teller or '\\n' .. letter)\n" \
    "end\n"

/* A consumer's idle time tells when it got something, not when it asked. */
#define CLOCK \
    "local function clock()\n" \
    "  local time = redis.call('TIME')\n" \
    "  return time[1] * 1000 + math.floor(time[2] / 1000)\n" \
    "end\n"

/* Has a line come of the item? */
#define IS_DONE \
    "local function is_done(item)\n" \
    "  local line = redis.call('HGET', items, item)\n" \
    "  return line and line ~= '' and line:sub(1, 1) ~= '\\n'\n" \
    "end\n"

const char work_script_join[] = NAMES CLOCK
    "local scope = redis.call('HGET', counts, 'scope')\n"
    "if scope and scope ~= ARGV[1] then return scope end\n"
    "redis.call('HSET', counts, 'scope', ARGV[1], 'heard:' .. ARGV[2],\n"
    "           string.format('%d', clock()))\n"
    "redis.call('XGROUP', 'CREATECONSUMER', stream, 'bide', ARGV[2])\n"
    "for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', stream, 'bide')) do\n"
    "  local heard = redis.call('HGET', counts, 'heard:' .. one[2])\n"
    "  if one[2] ~= 'returned' and one[4] == 0 and clock() - (heard or 0) > 3600000 then\n"
    "    redis.call('XGROUP', 'DELCONSUMER', stream, 'bide', one[2])\n"
    "    redis.call('HDEL', counts, 'heard:' .. one[2])\n"
    "  end\n"
    "end\n"
    "return ARGV[1]\n";

/* Given back, it has not been tried: its count goes back as well. */
const char work_script_leave[] = NAMES
    "if redis.call('EXISTS', stream) == 0 then return 0 end\n"
    "local list = redis.call('XPENDING', stream, 'bide', '-', '+', 1000, ARGV[1])\n"
    "for _, one in ipairs(list) do\n"
    "  redis.call('XCLAIM', stream, 'bide', 'returned', 0, one[1], 'IDLE', 100000000000,\n"
    "             'RETRYCOUNT', math.max(one[4] - 1, 0), 'JUSTID')\n"
    "end\n"
    "if #list < 1000 then\n"
    "  redis.call('XGROUP', 'DELCONSUMER', stream, 'bide', ARGV[1])\n"
    "  redis.call('HDEL', counts, 'heard:' .. ARGV[1])\n"
    "end\n"
    "return #list\n";

const char work_script_add[] = NAMES
    "local new, i = 0, 2\n"
    "while i < #ARGV do\n"
    "  if redis.call('HEXISTS', items, ARGV[i]) == 0 then\n"
    "    if redis.call('XLEN', stream) >= tonumber(ARGV[1]) then break end\n"
    "    local n = redis.call('HINCRBY', counts, 'added', 1)\n"
    "    redis.call('XADD', stream, '*', 'item', ARGV[i], 'more', ARGV[i + 1], 'n', n)\n"
    "    redis.call('HSET', items, ARGV[i], '')\n"
    "    new = new + 1\n"
    "  end\n"
    "  i = i + 2\n"
    "end\n"
    "return { (i - 2) / 2, new }\n";

const char work_script_claim[] = NAMES FIELD DROP BURY IS_DONE CLOCK
    "local left = redis.call('XAUTOCLAIM', stream, 'bide', ARGV[1], ARGV[2], ARGV[4],\n"
    "                        'COUNT', ARGV[3])\n"
    "redis.call('HSET', counts, 'heard:' .. ARGV[1], string.format('%d', clock()))\n"
    "local taken, buried = {}, 0\n"
    "for _, entry in ipairs(left[2]) do\n"
    "  local id, fields = entry[1], entry[2]\n"
    "  local tries = redis.call('XPENDING', stream, 'bide', id, id, 1)[1][4]\n"
    "  if is_done(field(fields, 'item')) then\n"
    "    drop(id)\n"
    "  elseif tries > tonumber(ARGV[5]) then\n"
    "    bury(id, fields, tries - 1, 'none of the workers that had it came to an end')\n"
    "    buried = buried + 1\n"
    "  else\n"
    "    taken[#taken + 1] = { id, tries, fields }\n"
    "  end\n"
    "end\n"
    "return { left[1], taken, buried, redis.call('XLEN', stream) }\n";

/* Not what others took over meanwhile. */
const char work_script_keep[] = NAMES
    "local kept = 0\n"
    "if redis.call('EXISTS', stream) == 0 then return 0 end\n"
    "for i = 2, #ARGV do\n"
    "  if #redis.call('XPENDING', stream, 'bide', ARGV[i], ARGV[i], 1, ARGV[1]) > 0 then\n"
    "    redis.call('XCLAIM', stream, 'bide', ARGV[1], 0, ARGV[i], 'JUSTID')\n"
    "    kept = kept + 1\n"
    "  end\n"
    "end\n"
    "return kept\n";

/* What was buried because nobody came to an end with it is done after all. */
const char work_script_finish[] = NAMES WHO DROP
    "local was = redis.call('HGET', items, ARGV[3]) or ''\n"
    "local me, letter = who(ARGV[1], ARGV[2]), was:match('^\\n(%d+%-%d+)$')\n"
    "if was:sub(-#me) == me then return 1 end\n"
    "local first = was == '' or letter\n"
    "drop(ARGV[2])\n"
    "if letter then redis.call('XDEL', dead, letter) end\n"
    "if first then redis.call('HSET', items, ARGV[3], ARGV[4] .. me) end\n"
    "redis.call('HINCRBY', counts, first and 'done' or 'repeats', 1)\n"
    "return first and 1 or 0\n";

const char work_script_fail[] = NAMES FIELD WHO DROP BURY IS_DONE
    "local me = who(ARGV[1], ARGV[2])\n"
    "local entry = redis.call('XRANGE', stream, ARGV[2], ARGV[2])[1]\n"
    "if not entry then return redis.call('HGET', items, ARGV[3]) == me and 1 or 0 end\n"
    "if #redis.call('XPENDING', stream, 'bide', ARGV[2], ARGV[2], 1, ARGV[1]) == 0 then\n"
    "  return 0\n"
    "end\n"
    "if is_done(field(entry[2], 'item')) then\n"
    "  drop(ARGV[2])\n"
    "  return 0\n"
    "end\n"
    "if tonumber(ARGV[4]) >= tonumber(ARGV[5]) then\n"
    "  bury(ARGV[2], entry[2], ARGV[4], ARGV[7], me)\n"
    "  return 1\n"
    "end\n"
    "redis.call('XCLAIM', stream, 'bide', 'returned', 0, ARGV[2], 'IDLE', ARGV[6],\n"
    "           'RETRYCOUNT', ARGV[4], 'JUSTID')\n"
    "return 0\n";

const char work_script_show[] = NAMES CLOCK
    "local pending, workers = { 0 }, {}\n"
    "for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do\n"
    "  if group[2] == 'bide' then\n"
    "    pending = redis.call('XPENDING', stream, 'bide')\n"
    "    for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', stream, 'bide')) do\n"
    "      local heard = redis.call('HGET', counts, 'heard:' .. one[2])\n"
    "      local silent = heard and clock() - heard or one[6]\n"
    "      workers[#workers + 1] = { one[2], one[4], silent }\n"
    "    end\n"
    "  end\n"
    "end\n"
    "return { redis.call('XLEN', stream), pending[1], workers,\n"
    "         redis.call('HGETALL', counts), redis.call('XLEN', dead) }\n";

/* What was never handed out stands behind the last that was. */
const char work_script_drain[] = NAMES FIELD DROP
    "local taken = {}\n"
    "local function take(entry)\n"
    "  local item = field(entry[2], 'item')\n"
    "  drop(entry[1])\n"
    "  redis.call('HDEL', items, item)\n"
    "  redis.call('HINCRBY', counts, 'added', -1)\n"
    "  taken[#taken + 1] = item\n"
    "  taken[#taken + 1] = field(entry[2], 'more')\n"
    "end\n"
    "local returned = redis.call('XPENDING', stream, 'bide', '-', '+', ARGV[1], 'returned')\n"
    "for _, one in ipairs(returned) do\n"
    "  local entry = redis.call('XRANGE', stream, one[1], one[1])[1]\n"
    "  if entry then take(entry) else drop(one[1]) end\n"
    "end\n"
    "if #returned > 0 then return taken end\n"
    "for _, group in ipairs(redis.call('XINFO', 'GROUPS', stream)) do\n"
    "  if group[2] == 'bide' then\n"
    "    for _, entry in ipairs(redis.call('XRANGE', stream, '(' .. group[8], '+', 'COUNT',\n"
    "                                      ARGV[1])) do\n"
    "      take(entry)\n"
    "    end\n"
    "  end\n"
    "end\n"
    "return taken\n";

const char work_script_retry[] = NAMES FIELD IS_DONE
    "local wanted, next, count = {}, '', 0\n"
    "for i = 3, #ARGV do wanted[ARGV[i]] = true end\n"
    "for _, entry in ipairs(redis.call('XRANGE', dead, ARGV[1], '+', 'COUNT', ARGV[2])) do\n"
    "  local item = field(entry[2], 'item')\n"
    "  next = '(' .. entry[1]\n"
    "  if #ARGV < 3 or wanted[item] then\n"
    "    if not is_done(item) then\n"
    "      redis.call('XADD', stream, '*', 'item', item, 'more', field(entry[2], 'more'),\n"
    "                 'n', field(entry[2], 'n'))\n"
    "      redis.call('HSET', items, item, '')\n"
    "      count = count + 1\n"
    "    end\n"
    "    redis.call('XDEL', dead, entry[1])\n"
    "  end\n"
    "end\n"
    "return { next, count }\n";
