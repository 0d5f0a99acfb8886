package web

import "net/http"

// The office: pages for those who run the house.
func (s *Server) office(m *http.ServeMux) {}
