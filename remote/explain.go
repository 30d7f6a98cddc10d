package remote

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"

	"golang.org/x/oauth2"
)

// What went wrong, where more than one place must say so.
var (
	errChanged        = &Error{"it changed while it was fetched", "try again"}
	errAnonymous      = errors.New("asked without credentials")
	errBadCredentials = errors.New("the credentials cannot be used")
)

// credentialsOf says where each service's credentials come from.
var credentialsOf = map[string]string{
	"s3":     "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
	"gs":     "set GOOGLE_APPLICATION_CREDENTIALS, or run: gcloud auth application-default login",
	"azblob": "set AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING, or run: az login",
	"https":  "write user:password@ before the host, with ${…} for the password, or use an address that is signed",
}

// named says whether the environment names credentials of Google's.
func named() bool { return os.Getenv("GOOGLE_APPLICATION_CREDENTIALS") != "" }

// explain is an error of any client in words for who wrote the spec. No URL is
// repeated: it may be signed.
func explain(err error, kind string) *Error {
	if kind == "http" {
		kind = "https"
	}
	e := explained(err, kind)
	if errors.Is(err, errUnchecked) {
		return &Error{e.Message, strings.TrimPrefix(e.Hint+"; the copy of an earlier run is not used, since it may be out of date", "; ")}
	}
	return e
}

func explained(err error, kind string) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if code := statusOf(err); code != 0 {
		return explainStatus(err, code, kind)
	}
	if e := explainNetwork(err); e != nil {
		return e
	}
	_, refused := errors.AsType[*oauth2.RetrieveError](err)
	switch path, isPath := errors.AsType[*fs.PathError](err); {
	case refused, errors.Is(err, errBadCredentials), strings.Contains(err.Error(), "DefaultAzureCredential"), strings.Contains(err.Error(), "refresh cached credentials"):
		return &Error{"the credentials cannot be used", credentialsOf[kind]}
	case isPath:
		return &Error{fmt.Sprintf("the cache of remote files cannot be used: %s: %v", path.Path, path.Err), "NOWORSE_CACHE names another directory"}
	}
	return &Error{"it cannot be fetched: " + tidy(err), ""}
}

func explainStatus(err error, code int, kind string) *Error {
	no := credentialsOf[kind]
	switch {
	case regionOf(err) != "":
		return &Error{"the bucket is in another region", "set AWS_REGION=" + regionOf(err)}
	case code == http.StatusNotFound, code == http.StatusGone:
		return &Error{"there is no such file", "look at its name, and at that of its " + map[bool]string{true: "host", false: "bucket"}[kind == "https"]}
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		switch {
		case errors.Is(err, errAnonymous):
			return &Error{fmt.Sprintf("access is denied (%d), and no usable credentials were found", code), no}
		case kind == "s3":
			return &Error{fmt.Sprintf("access is denied (%d)", code), "these credentials may not read it, or it is not there: S3 tells who may not list the bucket no more"}
		}
		return &Error{fmt.Sprintf("access is denied (%d)", code), no}
	case code == http.StatusBadRequest:
		return &Error{"the service refuses the request (400)", "the credentials may have expired"}
	case busy(code):
		return &Error{fmt.Sprintf("the service cannot answer now (%d)", code), "try again later"}
	}
	return &Error{fmt.Sprintf("the service answers %d %s", code, http.StatusText(code)), ""}
}

// explainNetwork is for what kept a service from answering at all.
func explainNetwork(err error) *Error {
	dns, noName := errors.AsType[*net.DNSError](err)
	certificate, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case noName && dns.IsNotFound:
		return &Error{"there is no host " + dns.Name, "look at its spelling"}
	case noName:
		return &Error{"the host " + dns.Name + " cannot be looked up", "is there a network?"}
	case untrusted && !unknown:
		return &Error{"its certificate is not valid: " + tidy(certificate.Err), ""}
	case untrusted, unknown:
		return &Error{"its certificate is signed by nobody this machine trusts", "SSL_CERT_FILE names the certificates of an authority of your own"}
	case errors.Is(err, http.ErrSchemeMismatch):
		return &Error{"the server does not speak https", "is it meant to be http://?"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Error{"nothing answers at " + hostOf(err), "is the server running?"}
	case errors.Is(err, syscall.ECONNRESET):
		return &Error{"the connection broke", "try again"}
	case isNet && timeout.Timeout():
		return &Error{"nothing answers in time", "try again; is there a network?"}
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return &Error{"the host cannot be reached", "is there a network?"}
	}
	return nil
}

// hostOf is whom an error of the network is about.
func hostOf(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil {
		return op.Addr.String()
	}
	return "its host"
}

// inURL is what may be secret in a URL, or is noise.
var inURL = regexp.MustCompile(`[a-z]+://\S+`)

// tidy is an error in one line, without the URL that it may repeat.
func tidy(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = cmp.Or(u.Err, err)
	}
	text := inURL.ReplaceAllString(strings.Join(strings.Fields(err.Error()), " "), "…")
	const most = 300
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}
