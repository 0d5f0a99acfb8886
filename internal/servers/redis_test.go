package servers

import (
	"strings"
	"testing"
)

func must(t *testing.T, r interface {
	Do(...string) (string, error)
}, want string, args ...string) {
	t.Helper()
	got, err := r.Do(args...)
	if err != nil || !strings.Contains(got, want) {
		t.Fatalf("%v: %q, %v; want %q", args, got, err, want)
	}
}

func TestRedisComesBackWithWhatItKept(t *testing.T) {
	r := StartRedis(t, "--appendonly", "yes", "--appendfsync", "always", "--requirepass", "kettle")
	must(t, r, "OK", "SET", "tea", "hot")
	r.Kill()
	r.Kill()
	if _, err := r.Do("PING"); err == nil {
		t.Fatal("a killed server answers")
	}
	r.Restart()
	must(t, r, "hot", "GET", "tea")
	if want := "redis://:kettle@" + r.Addr; r.URL() != want {
		t.Errorf("its URL is %s, want %s", r.URL(), want)
	}
	if !strings.Contains(r.Log(), "Ready to accept connections") {
		t.Errorf("its log says %q", r.Log())
	}
}

func TestRedisPauses(t *testing.T) {
	r := StartRedis(t)
	r.Pause()
	if _, err := r.Do("PING"); err == nil {
		t.Error("a paused server answers")
	}
	r.Resume()
	must(t, r, "PONG", "PING")
}

func TestSentinelPromotesTheReplica(t *testing.T) {
	primary := StartRedis(t, "--requirepass", "kettle")
	must(t, primary, "OK", "SET", "tea", "hot")
	replica := StartReplica(t, primary)
	must(t, replica, "hot", "GET", "tea")
	s := StartSentinel(t, primary, "circle")
	if s.Primary() != primary.Addr {
		t.Fatalf("the sentinel says the primary is %s, not %s", s.Primary(), primary.Addr)
	}
	primary.Kill()
	if !poll(func() bool { return s.Primary() == replica.Addr }) {
		t.Fatalf("nobody was promoted:\n%s", s.Log())
	}
	must(t, replica, "OK", "SET", "tea", "cold")
}

func TestPromoteByHand(t *testing.T) {
	primary := StartRedis(t)
	replica := StartReplica(t, primary)
	if _, err := replica.Do("SET", "tea", "hot"); err == nil {
		t.Fatal("a replica takes writes")
	}
	replica.Promote()
	must(t, replica, "OK", "SET", "tea", "hot")
}

func TestAServerThatCanNotStartIsSeenAtOnce(t *testing.T) {
	taken := StartRedis(t)
	p, err := spawn("redis-server", "--port", taken.Addr[len("127.0.0.1:"):], "--bind", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	<-p.ended
	if err := p.answers(taken.Addr, ""); err == nil {
		t.Error("a server is taken for another that has its port")
	}
}
