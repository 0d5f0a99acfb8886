package faults

import (
	"reflect"
	"testing"
	"time"
)

// A plan is its seed's, has every kind, and enough of them.
func TestPlan(t *testing.T) {
	for seed := range uint64(300) {
		for during, least := range map[time.Duration]int{20 * time.Second: len(Kinds), time.Minute: 25} {
			plan := Plan(seed, 3, during)
			if !reflect.DeepEqual(plan, Plan(seed, 3, during)) {
				t.Errorf("seed %d makes two plans", seed)
			}
			kinds := map[Kind]bool{}
			for _, f := range plan {
				kinds[f.Kind] = true
			}
			if len(kinds) < len(Kinds) || len(plan) < least {
				t.Errorf("seed %d, %v: %d faults of %d kinds", seed, during, len(plan), len(kinds))
			}
		}
	}
}
