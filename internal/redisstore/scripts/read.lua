-- read tells what is new since a head. KEYS 9: sync, only where a replica
-- must have it too.

local format, epoch, seq, hash = ARGV[6], ARGV[7], ARGV[8], ARGV[9]

if restoring() then
  return {'restoring', us}
end
if fenced() then
  return {'fenced', us}
end
local e, why = look(format)
if why == 'foreign' then
  return {'foreign', us}
elseif why == 'newer' then
  return {'newer', us}
elseif why == 'noroom' then
  return {'noroom', us}
end
sync(KEYS[9])
if point(e, epoch, seq, hash) then
  return {'news', us, e.epoch, e.seq, e.hash, e.at, after(e, seq)}
end
return {'whole', us, e.epoch, e.seq, e.hash, e.at, whole(e)}
