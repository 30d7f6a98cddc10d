package report

import "strings"

// sgr is the parameters of one Select Graphic Rendition sequence.
type sgr string

// Blue is better, yellow is worse, red is kept for what blocks: readers who
// cannot tell red from green lose nothing.
const (
	plain  sgr = ""
	strong sgr = "1"
	faint  sgr = "2"
	yellow sgr = "33"
	red    sgr = "1;31"
	blue   sgr = "94"
)

func (p *printer) paint(code sgr, s string) string {
	if !p.Color || code == plain || s == "" {
		return s
	}
	return "\x1b[" + string(code) + "m" + s + "\x1b[0m"
}

func (p *printer) bold(s string) string { return p.paint(strong, s) }

// toASCII holds the signs that this package and the reasons of checks use.
var toASCII = strings.NewReplacer(
	"→", "->", "−", "-", "…", "...", "±", "+/-", "≥", ">=", "≤", "<=", "≠", "!=",
	"–", "-", "—", "-", "×", "x", "‘", "'", "’", "'", "“", `"`, "”", `"`, "·", "-",
)

// sign turns our own signs into ASCII where that is asked for.
func (p *printer) sign(s string) string {
	if !p.ASCII {
		return s
	}
	return toASCII.Replace(s)
}

// dots is what stands for text that was cut.
func (p *printer) dots() string { return p.sign("…") }
