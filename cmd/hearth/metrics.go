package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hearth/room/hub"
	"hearth/web"
)

// metrics is what the server counts about itself; it is the meter of hub and
// web.
// Labels come from the program's own constants, never from people.
type metrics struct {
	registry *prometheus.Registry

	rooms, seats, connections prometheus.Gauge

	commands  *prometheus.CounterVec
	conflicts prometheus.Counter
	drops     *prometheus.CounterVec
	delivery  prometheus.Histogram
}

var (
	_ hub.Meter = (*metrics)(nil)
	_ web.Meter = (*metrics)(nil)
)

// newMetrics makes a registry of its own.
func newMetrics() *metrics {
	m := &metrics{
		registry:    prometheus.NewRegistry(),
		rooms:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "hearth_rooms", Help: "Rooms that are live in this process."}),
		seats:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "hearth_seats", Help: "Seats somebody sits in, on one connection or several."}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hearth_connections", Help: "Websockets that are open."}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hearth_commands_total", Help: "Commands, those of the house (arrivals, drops, timers) too, by outcome: ok, already, repeat, fault, unavailable, or the code of a refusal."}, []string{"outcome"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hearth_append_conflicts_total", Help: "Appends that found a newer entry and were decided again."}),
		drops: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hearth_queue_drops_total", Help: "What was not delivered for lack of room, by reason."}, []string{"reason"}),
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hearth_delivery_seconds", Help: "From commit to the connection's writer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}}),
	}
	m.registry.MustRegister(m.rooms, m.seats, m.connections, m.commands, m.conflicts, m.drops, m.delivery,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// tellReady measures whether new people should be sent here.
func (m *metrics) tellReady(ready func() error) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "hearth_ready", Help: "1 while new people should be sent here, as /readyz says, else 0."},
		func() float64 {
			if ready() != nil {
				return 0
			}
			return 1
		}))
}

func (m *metrics) Rooms(change int)         { m.rooms.Add(float64(change)) }
func (m *metrics) Seats(change int)         { m.seats.Add(float64(change)) }
func (m *metrics) Connections(change int)   { m.connections.Add(float64(change)) }
func (m *metrics) Command(outcome string)   { m.commands.WithLabelValues(outcome).Inc() }
func (m *metrics) Conflict()                { m.conflicts.Inc() }
func (m *metrics) Drop(reason string)       { m.drops.WithLabelValues(reason).Inc() }
func (m *metrics) Delivery(d time.Duration) { m.delivery.Observe(d.Seconds()) }
