package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/noworse/noworse"
)

// doctorCommand says what this machine has of what noworse uses.
type doctorCommand struct{}

// Help implements kong's HelpProvider.
func (doctorCommand) Help() string {
	return "The exit code is 2 if something is missing without which noworse cannot run. No value of a variable is shown."
}

// finding is one line of the examination.
type finding struct{ what, is, mend string } // mend: "" where all is well

// credentialNames are the variables that credentials of each service come from.
var credentialNames = []struct {
	service string
	names   []string
}{
	{"S3", []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_REGION", "AWS_ENDPOINT_URL"}},
	{"Google Cloud", []string{"GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST"}},
	{"Azure", []string{"AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"}},
}

// Run implements the command.
func (doctorCommand) Run(env Env, code *int) error {
	needed := []finding{
		{what: "noworse", is: fmt.Sprintf("%s, built by %s for %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)},
		engine(env), cores(), memory(), temporary(), cache(env),
	}
	last := "All that noworse needs is here."
	for _, f := range needed {
		line(env.Stdout, f.what, f.is)
		if f.mend != "" {
			line(env.Stdout, "", f.mend)
			*code, last = exitCannotStart, "noworse cannot run until this is mended."
		}
	}
	fmt.Fprintln(env.Stdout, "\nCredentials: the variables that are set")
	for _, c := range credentialNames {
		line(env.Stdout, c.service, setOf(env, c.names))
	}
	fmt.Fprintln(env.Stdout, "\nModels that run")
	models(env)
	_, err := fmt.Fprintf(env.Stdout, "\nModels behind servers need nothing here but the way to them. Those of MLflow need its\npackage in that Python. %s\n", last)
	return err
}

func line(w io.Writer, what, is string) { fmt.Fprintf(w, "%-16s %s\n", what, is) }

func engine(env Env) finding {
	version, err := noworse.Engine(env.Context)
	if err != nil {
		return finding{"reads data with", "DuckDB, which does not start: " + err.Error(), "install noworse again, for this system"}
	}
	return finding{what: "reads data with", is: "DuckDB " + version}
}

// models says what models of each form run on. A run without such models needs
// none of it.
func models(env Env) {
	interpreter, err := noworse.Python("")
	line(env.Stdout, "Python", interpreter)
	if err != nil {
		line(env.Stdout, "", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	lib, err := noworse.ONNXRuntime(env.Context)
	if err == nil {
		line(env.Stdout, "ONNX", fmt.Sprintf("ONNX Runtime %s, %s: %s", lib.Version, lib.From, lib.Path))
		return
	}
	if version := noworse.ONNXOfPython(env.Context); version != "" {
		line(env.Stdout, "ONNX", fmt.Sprintf("ONNX Runtime %s, in a process of that Python: no library of it can be loaded", version))
		return
	}
	what := "ONNX"
	for text := range strings.SplitSeq(err.Error(), "\n") {
		line(env.Stdout, what, text)
		what = ""
	}
}

func cores() finding {
	return finding{what: "cores", is: fmt.Sprintf("%d (--threads)", runtime.GOMAXPROCS(0))}
}

func memory() finding {
	limit := noworse.DefaultMemory(runtime.GOMAXPROCS(0))
	is := "reading may hold " + humanize.IBytes(uint64(limit)) + " (--memory)"
	m, err := mem.VirtualMemory()
	if err != nil {
		return finding{what: "memory", is: is}
	}
	return finding{what: "memory", is: fmt.Sprintf("%s, %s free; %s", humanize.IBytes(m.Total), humanize.IBytes(m.Available), is)}
}

// temporary tries to write where a run spills to.
func temporary() finding {
	dir := os.TempDir()
	f := finding{what: "temporary files", is: dir + free(dir)}
	probe, err := os.CreateTemp(dir, "noworse-doctor-*")
	if err == nil {
		_, err = probe.WriteString("written")
		err = errors.Join(err, probe.Close(), os.Remove(probe.Name()))
	}
	if err != nil {
		f.is = fmt.Sprintf("%s cannot be written: %v", dir, cause(err))
		f.mend = "make room there, or let TMPDIR name another directory"
	}
	return f
}

func free(dir string) string {
	usage, err := disk.Usage(dir)
	if err != nil {
		return ""
	}
	return ", " + humanize.Bytes(usage.Free) + " free"
}

// cache looks at the copies of remote files. A run without remote files needs
// none.
func cache(env Env) finding {
	f := finding{what: "remote files"}
	dir := env.Getenv("NOWORSE_CACHE")
	if dir == "" {
		var err error
		if dir, err = noworse.CacheDir(); err != nil {
			f.is = "no directory for copies: NOWORSE_CACHE names one"
			return f
		}
	}
	var files, bytes uint64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil && strings.Contains(d.Name(), ".") { // locks have no ending
			files, bytes = files+1, bytes+uint64(info.Size())
		}
		return nil
	})
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		f.is = fmt.Sprintf("%s cannot be read: %v; NOWORSE_CACHE names another directory", dir, cause(err))
	case files == 0:
		f.is = dir + ", no copies"
	default:
		f.is = fmt.Sprintf("%s, copies: %d of %s", dir, files, humanize.Bytes(bytes))
	}
	return f
}

// setOf lists the variables that are set.
func setOf(env Env, names []string) string {
	var set []string
	for _, name := range names {
		if env.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	if set == nil {
		return "none"
	}
	return strings.Join(set, ", ")
}
