package onnx

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/noworse/noworse/model"
)

// loadError says in one sentence why a model did not load. ONNX Runtime has no codes
// for it, so its words decide; what they do not tell is passed on as it is.
func loadError(err error, s *source, lib Library) error {
	text := err.Error()
	e := &model.Error{Message: fmt.Sprintf("ONNX Runtime %s cannot load %s", lib.Version, s.path), Detail: said(text)}
	if op := missingOp.FindStringSubmatch(text); op != nil {
		e.Message += fmt.Sprintf(": it does not know the operator %s", op[1]+op[2])
		e.Hint = "export the model without custom operators, or serve it from Python, where they can be registered"
		return e
	}
	mend := ""
	switch {
	case newerOps.MatchString(text):
		mend = fmt.Sprintf("export with a smaller target_opset than %d", s.file.Version(""))
	case newerFormat.MatchString(text):
		mend = "export with an older version of onnx"
	}
	if mend != "" {
		e.Message += ": the model is newer than it"
		e.Hint = "pip install --upgrade onnxruntime, or " + mend
	}
	return e
}

var (
	missingOp   = regexp.MustCompile(`(?:No Op registered for |No schema registered for |Could not find an implementation for )([\w.]+)|([\w.]+:\w+)\(-?\d+\) is not a registered function/op`)
	newerOps    = regexp.MustCompile(`(?i)opset \d+ is under development|current official support|is till opset`)
	newerFormat = regexp.MustCompile(`(?i)unsupported model ir version`)
)

// opening is what the binding says of a library that does not load, before the
// system's own words.
var opening = regexp.MustCompile(`^Platform-specific initialization failed: (Error loading ONNX shared library "[^"]*": )?`)

// said is ONNX Runtime's own message without the library's wrapping.
func said(text string) string {
	text = opening.ReplaceAllString(text, "")
	for _, prefix := range []string{"Error creating C session from file: ", "Error creating C session: ", "Error running network: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	const most = 600
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " …"
	}
	return strings.TrimSpace(text)
}
