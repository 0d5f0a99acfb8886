package mail

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
)

// enhanced is a status code of RFC 3463 at the beginning of an answer.
var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// fault tells what a server's answer means. A 5xx about the address or the
// letter is for good; but 5.7 is about who we are, which an operator can mend.
func fault(step string, err error) *Fault {
	f := &Fault{Step: step, cause: err}
	var said *textproto.Error
	if errors.As(err, &said) {
		f.Code, f.Detail = said.Code, enhanced.FindString(said.Msg)
		f.refused = said.Code/100 == 5 && (step == "to" || step == "data") && !strings.HasPrefix(f.Detail, "5.7.")
	}
	return f
}
