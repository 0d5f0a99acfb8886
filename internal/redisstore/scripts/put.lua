-- put keeps a picture on its room's shelf, unless that is full. KEYS 7: the
-- shelf.

local SHELF = KEYS[7]
local name, sealed = ARGV[6], ARGV[7]
local most_bytes, most, ttl = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]

if restoring() then
  return {'restoring', us}
end
if fenced() then
  return {'fenced', us}
end
local bytes = shelved(SHELF)
if not bytes then
  return {'foreign', us}
end
local field = 'p:' .. name
if redis.call('HEXISTS', SHELF, field) == 1 then
  return {'twice', us}
end
local begins = redis.call('EXISTS', SHELF) == 0
if bytes + #sealed > most_bytes or redis.call('HLEN', SHELF) > most then -- one field is no picture
  return {'full', us}
end
redis.call('HSET', SHELF, 'bytes', bytes + #sealed, field, sealed)
if begins then -- later pictures don't make the earlier ones last
  redis.call('EXPIRE', SHELF, ttl)
end
return {'ok', us}
