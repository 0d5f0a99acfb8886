package redisstore

import (
	"hash/fnv"
	"strconv"
)

// partitions is how many slots the rooms are spread over: what is touched by
// one script is in one slot, whatever Redis does with slots.
const partitions = 16

// partition is where a name (of a room, or a topic) belongs: 0…15.
func partition(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return int(h.Sum32() % partitions)
}

// tag is how the keys and channels of a partition name it: "{3}".
func tag(p int) string { return "{" + strconv.Itoa(p) + "}" }
