package web

import "net/http"

// Reminders by e-mail.
func (s *Server) reminders(m *http.ServeMux) {}
