-- leave takes a node off the list that ends well: nobody waits for it.

restoring()
if fenced() then
  return {'fenced', us}
end
bury(boot)
return {'ok', us}
