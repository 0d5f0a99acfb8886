package house

// Where the bugs of circles show, of who comes in and of what is kept. The
// database's own tests take minutes, so those that ask what a store promises,
// and those of backups, stand alone.
var (
	inCircle = []string{"./circle"}
	inSQL    = []string{"./internal/sqlstore", "-run=^TestCircles$"}
	inBackup = []string{"./internal/sqlstore", "-run=Backup|Restore|WorksAgain"}
	inPages  = []string{"./web", "-run=Office|Calendar|Remind|Crisis|Front|SignIn|Session"}
)

// ofCircles are bugs of circles that meet again: schedules, invites, people.
var ofCircles = []mutant{
	{"a revoked invite still lets in", "circle/redeem.go",
		"expired || f.Ended || f.Barred", "expired || f.Barred", inCircle},
	{"nobody looks whether an invite was revoked", "internal/sqlstore/redeem.go",
		"f.Ended = revoked.Valid", "f.Ended = revoked.Valid && until.Valid", inSQL},
	{"a closed circle opens", "circle/redeem.go",
		"case f.Standing != Meeting:", "case f.Standing != Meeting && f.Standing != Closed:", inCircle},
	{"a series takes somebody new after its first date", "circle/redeem.go",
		"return !now.Before(d.End)", "return now.Before(d.Start)", inCircle},
	{"whoever shares a link goes straight in", "circle/circle.go",
		"return a != ByInvite || i.Uses != 1", "return a != ByInvite", inCircle},
	{"a link makes somebody a facilitator where people sign in", "circle/redeem.go",
		"if c.Code != \"\" && !RidesOnLink(", "if c.Code == \"\" && !RidesOnLink(", inCircle},
	{"19:00 is 20:00 in summer", "circle/schedule.go",
		"d := Date{Local: l.Format(wall), Start: instant(l, in)}",
		"first, _ := local(s.First)\n\t\td := Date{Local: l.Format(wall), Start: instant(first, in).Add(l.Sub(first))}", inCircle},
	{"a time that comes twice is the second", "circle/schedule.go",
		"before.Before(change) && wallOf(before).Equal(l)", "before.After(change) && wallOf(before).Equal(l)", inCircle},
	{"a date that is called off opens", "circle/schedule.go",
		"return s.IsZero() || ok && !d.Off", "return s.IsZero() || ok && d.Start.Before(d.End)", inCircle},
	{"the last admin goes", "internal/sqlstore/people.go",
		"if err == nil && others == 0 {", "if err == nil && others < 0 {", inSQL},
	{"a session outlives a change of rights", "internal/sqlstore/people.go",
		"if err == nil && (was.Admin != to.Admin || was.Moderator != to.Moderator) {",
		"if err == nil && was.Name != to.Name && was.Admin != to.Admin {", inSQL},
	{"a session keeps its secret when a passkey is touched", "internal/sqlstore/people_sessions.go",
		"renewed := rand.Text()", "renewed := secret", inSQL},
	{"whoever is removed still keeps their circles", "internal/sqlstore/people.go",
		"errors.Join(dismiss(ctx, t, id), ", "errors.Join(dismiss(ctx, t, \"\"), ", inSQL},
	{"a backup is of several moments", "internal/sqlstore/backup.go",
		"if err := t.each(ctx, from, func(row []any) error {\n\t\t\t\t\t_, err := to.ExecContext(ctx, put, row...)\n\t\t\t\t\treturn err\n\t\t\t\t}); err != nil {",
		"if err := tx(ctx, d.read, func(from *sql.Tx) error {\n\t\t\t\t\treturn t.each(ctx, from, func(row []any) error {\n\t\t\t\t\t\t_, err := to.ExecContext(ctx, put, row...)\n\t\t\t\t\t\treturn err\n\t\t\t\t\t})\n\t\t\t\t}); err != nil {", inBackup},
	{"a restore leaves everybody signed in", "internal/sqlstore/restore.go",
		"[]string{\"sessions\", \"ceremonies\", \"welcomes\"}", "[]string{\"ceremonies\", \"welcomes\"}", inBackup},
	{"what a backup's file calls a column is done", "internal/sqlstore/backup.go",
		"all = append(all, `\"`+strings.ReplaceAll(n, `\"`, `\"\"`)+`\"`)", "all = append(all, n)", inBackup},
	{"a reminder's subject says what it is about", "web/remindersend.go",
		"Subject: l.T(subjectOf(r))", "Subject: c.Settings.Title", inPages},
	{"a calendar says what it is about", "web/calendar.go",
		"\tif chosen.Full {\n\t\ttitle = c.Settings.Title", "\tif title = c.Settings.Title; chosen.Full {\n\t\ttitle = c.Settings.Title", inPages},
	{"a public circle without signposts opens", "web/officecircle.go",
		"return !public || len(signposts.For(c.Country)) > 0", "return !public || len(signposts.Countries()) > 0", inPages},
}
