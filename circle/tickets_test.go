package circle_test

import (
	"testing"

	"hearth/circle"
	"hearth/circle/circletest"
)

func TestTickets(t *testing.T) {
	circletest.RunTickets(t, func(*testing.T) circle.Tickets { return circle.NewTickets(200, nil) })
}
