package web

import "net/http"

// Signing in with passkeys, and who is signed in.
func (s *Server) signIn(m *http.ServeMux) {}
