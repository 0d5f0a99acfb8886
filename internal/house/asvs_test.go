package house

import (
	"go/ast"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// asvsTable is the security table: its last column names tests.
const asvsTable = "web/ASVS.md"

var (
	requirement = regexp.MustCompile(`^V\d+\.\d+\.\d+$`)
	testName    = regexp.MustCompile("`([^`]+)`")
	browserTest = regexp.MustCompile(`(?m)^test\("([^"]+)"`)
)

// asvsRow is one requirement and the tests that are to hold it.
type asvsRow struct {
	id    string
	tests []string
}

// asvsRows reads the rows of a table whose first cell is a requirement. Tests
// are what stands between backticks in the third.
func asvsRows(text string) []asvsRow {
	rows := []asvsRow{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !requirement.MatchString(strings.TrimSpace(cells[1])) {
			continue
		}
		r := asvsRow{id: strings.TrimSpace(cells[1])}
		for _, m := range testName.FindAllStringSubmatch(cells[3], -1) {
			r.tests = append(r.tests, m[1])
		}
		rows = append(rows, r)
	}
	return rows
}

// knownTests are the names a table may use: folder.TestX and folder.FuzzX,
// name.txt for a meeting of the room, name.spec.ts: title for a circle in
// browsers.
func knownTests(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && s.isTest() && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
				known[path.Base(s.dir())+"."+f.Name.Name] = true
			}
		}
	}
	files(t, func(name string, text []byte) {
		switch {
		case path.Dir(name) == "room/testdata":
			known[path.Base(name)] = true
		case path.Dir(name) == "web/e2e" && strings.HasSuffix(name, ".spec.ts"):
			for _, m := range browserTest.FindAllSubmatch(text, -1) {
				known[path.Base(name)+": "+string(m[1])] = true
			}
		}
	})
	return known
}

// missing says what is wrong with rows: a requirement without a test, one that
// stands there twice, a test that is not there.
func missing(rows []asvsRow, known map[string]bool) []string {
	bad, seen := []string{}, map[string]bool{}
	for _, r := range rows {
		if seen[r.id] {
			bad = append(bad, r.id+" stands there twice")
		}
		seen[r.id] = true
		if len(r.tests) == 0 {
			bad = append(bad, r.id+" names no test")
		}
		for _, name := range r.tests {
			if !known[name] {
				bad = append(bad, r.id+": there is no "+name)
			}
		}
	}
	return bad
}

func TestASVSNamesTestsThatExist(t *testing.T) {
	known := knownTests(t)
	for _, planted := range []string{
		"| V1.2.3 | x | `web.TestThatIsNotThere` |", "| V1.2.3 | x | `rule0-no-such-rule.txt` |",
		"| V1.2.3 | x | `line.spec.ts: no such circle` |", "| V1.2.3 | x | TestTop |",
	} {
		if rows := asvsRows(planted); len(rows) != 1 || len(missing(rows, known)) != 1 {
			t.Errorf("a wrong row is not seen: %s", planted)
		}
	}
	text, err := os.ReadFile(root + "/" + asvsTable)
	if err != nil {
		t.Fatal(err)
	}
	rows := asvsRows(string(text))
	if n := strings.Count(string(text), "\n| V"); len(rows) != n || n < 40 {
		t.Fatalf("read %d rows of %d", len(rows), n)
	}
	for _, m := range missing(rows, known) {
		t.Errorf("%s: %s", asvsTable, m)
	}
}
