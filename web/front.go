package web

import "net/http"

// The front door: directory, circles' pages, questions, calendars, language.
func (s *Server) front(m *http.ServeMux) {}
