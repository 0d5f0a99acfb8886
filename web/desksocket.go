package web

// watching are the open desks of a node.
type watching struct{}
