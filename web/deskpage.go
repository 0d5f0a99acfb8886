package web

import "net/http"

// DeskData is what the desk's page shows before its script does.
type DeskData struct {
	Who     string       // is signed in
	Circles []DeskCircle // to search by
}

// DeskCircle is one circle to search by.
type DeskCircle struct{ ID, Title string }

// Desk shows the moderators' desk. All that is live comes over its socket.
func (f *Face) Desk(w http.ResponseWriter, r *http.Request, d DeskData) {
	f.show(w, r, "desk", http.StatusOK, d)
}
