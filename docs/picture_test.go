package docs_test

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"
)

// TestPicture wants docs/demo.svg to show what noworse demo prints on a
// terminal of 80 columns, seconds aside.
func TestPicture(t *testing.T) {
	noworse := wantProgram(t)
	path := filepath.Join(root, "docs", "demo.svg")
	lines := append([]string{"$ noworse demo"}, onTerminal(t, noworse, "demo")...)
	for i, line := range lines {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			lines[i] = "\x1b[2m$\x1b[0m " + command
		}
	}
	got := picture("The output of noworse demo", lines)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/demo.svg no longer shows what noworse demo prints: go test ./docs -update draws it anew\n%s", strings.Join(lines, "\n"))
	}
}

const columns = 80

// onTerminal runs a command with a terminal for its standard output and returns
// the lines that it prints there, with their colours, after those that it
// prints elsewhere.
func onTerminal(t *testing.T, name string, args ...string) []string {
	t.Helper()
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Skipf("there is no terminal to be had: %v", err)
	}
	defer terminal.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 50, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	var elsewhere bytes.Buffer
	c := exec.Command(name, args...)
	c.Dir, c.Stdout, c.Stderr = t.TempDir(), tty, &elsewhere
	c.Env = append(withoutEnv("NO_COLOR"), "TERM=xterm-256color")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	// The end of a terminal is an error on Linux. What matters is what came before.
	printed, _ := io.ReadAll(terminal)
	if err := c.Wait(); err != nil && c.ProcessState.ExitCode() != 1 {
		t.Fatalf("%s: %v\n%s", name, err, &elsewhere)
	}
	text := strings.ReplaceAll(elsewhere.String()+string(printed), "\r\n", "\n")
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = timed(steady(lines[i]))
	}
	return lines
}

var untimed = regexp.MustCompile(`^.* vs baseline .*   [0-9,]+ rows$`)

// timed is a line with its seconds where it is a report's header that has no room
// for those that it took: "under 0.1 s" is one column too long for the demo's.
func timed(line string) string {
	if untimed.MatchString(line) {
		return steady(line + "   0.2 s")
	}
	return line
}

// TestTimed wants every header to end alike, however long the run took.
func TestTimed(t *testing.T) {
	const header = "loan-approval   candidate v42.csv vs baseline v41.csv   12,000 rows"
	for _, note := range []string{"", "   under 0.1 s", "   9.9 s", "   12 s", "   2 min 10 s"} {
		if got, want := timed(steady(header+note)), header+"   0.2 s"; got != want {
			t.Errorf("%q becomes %q, want %q", header+note, got, want)
		}
	}
	if other := "      row A-000599   12,000 rows"; timed(other) != other {
		t.Errorf("%q is no header", other)
	}
}

// withoutEnv is the environment without a variable.
func withoutEnv(name string) []string {
	var out []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, name+"=") {
			out = append(out, v)
		}
	}
	return out
}

// Sizes of the picture, in pixels. A character is as wide as those of most
// monospaced fonts; textLength makes those of other fonts fit.
const (
	fontSize  = 14
	charWidth = 8.4
	lineSkip  = 20
	margin    = 20
)

// styles are the classes of SGR parameters that noworse writes.
var styles = map[string]string{"": "", "0": "", "1": "strong", "2": "faint", "33": "warn", "1;31": "bad", "94": "good"}

const sheet = `.strong{font-weight:700}.faint{fill:#59636e}.warn{fill:#855f00}.bad{fill:#c11f2b;font-weight:700}.good{fill:#0757ba}`

// picture draws lines of a terminal as SVG: dark text on a light card, which
// stands on light and dark pages alike. It has no script and no font of its own.
func picture(title string, lines []string) []byte {
	var b bytes.Buffer
	width := int(columns*charWidth) + 2*margin
	height := len(lines)*lineSkip + 2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="%[3]s">`+"\n", width, height, html.EscapeString(title))
	fmt.Fprintf(&b, "<title>%s</title>\n<style>text{font:%dpx ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328}%s</style>\n", html.EscapeString(title), fontSize, sheet)
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%d" height="%d" rx="8" fill="#fbfcfd" stroke="#c7ced6"/>`+"\n", width-1, height-1)
	for i, line := range lines {
		if runs := runsOf(line); len(runs) > 0 {
			fmt.Fprintf(&b, `<text y="%d">`, margin+i*lineSkip+fontSize)
			for _, r := range runs {
				b.WriteString(r.tspan())
			}
			b.WriteString("</text>\n")
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// run is text of one style that begins at a column.
type run struct {
	column int
	style  string
	text   string
}

func (r run) tspan() string {
	class := ""
	if r.style != "" {
		class = fmt.Sprintf(` class="%s"`, r.style)
	}
	length := ""
	if n := utf8.RuneCountInString(r.text); n > 1 {
		length = fmt.Sprintf(` textLength="%.1f"`, float64(n)*charWidth)
	}
	return fmt.Sprintf(`<tspan x="%.1f"%s%s>%s</tspan>`, margin+float64(r.column)*charWidth, length, class, html.EscapeString(r.text))
}

var (
	escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")
	words  = regexp.MustCompile(`\S+( \S+)*`) // up to the next gap of two spaces
)

// runsOf splits a line at its colours, and at gaps, so that what stands in
// columns keeps to them in every font.
func runsOf(line string) []run {
	var runs []run
	column, style := 0, ""
	plain := func(text string) {
		for _, at := range words.FindAllStringIndex(text, -1) {
			runs = append(runs, run{column + utf8.RuneCountInString(text[:at[0]]), style, text[at[0]:at[1]]})
		}
		column += utf8.RuneCountInString(text)
	}
	for line != "" {
		m := escape.FindStringSubmatchIndex(line)
		if m == nil {
			plain(line)
			break
		}
		plain(line[:m[0]])
		known := false
		if style, known = styles[line[m[2]:m[3]]]; !known {
			style = "unknown-" + strings.ReplaceAll(line[m[2]:m[3]], ";", "-")
		}
		line = line[m[1]:]
	}
	return runs
}

// TestRuns holds the reading of colours and gaps to a line made by hand.
func TestRuns(t *testing.T) {
	got := fmt.Sprint(runsOf("\x1b[1;31mFAIL\x1b[0m  a <b>   \x1b[33m→ 1\x1b[0m"))
	if want := "[{0 bad FAIL} {6  a <b>} {14 warn → 1}]"; got != want {
		t.Errorf("runs %s, want %s", got, want)
	}
}

// TestPictureIsPlain wants a picture to escape what it shows, and to name every
// style that it uses.
func TestPictureIsPlain(t *testing.T) {
	svg := string(picture("a & b", []string{"\x1b[94m<script>&\"\x1b[0m"}))
	if strings.Contains(svg, "<script>") || !strings.Contains(svg, `>&lt;script&gt;&amp;&#34;</tspan>`) || !strings.Contains(svg, "a &amp; b") {
		t.Errorf("text is not escaped:\n%s", svg)
	}
	drawn, err := os.ReadFile(filepath.Join(root, "docs", "demo.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(drawn, []byte("unknown-")) {
		t.Error("docs/demo.svg has a colour that picture_test.go does not know: add it to styles")
	}
}
