package remote

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// web is a file of a web server.
type web struct {
	client *http.Client
	url    string
	pause  func(context.Context, time.Duration) error
}

// newClient is an HTTP client that follows redirects, but not to where what is
// sent could be read on the way.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // a version is one of bytes, not of what they decompress to
	return &http.Client{Transport: transport, CheckRedirect: func(to *http.Request, via []*http.Request) error {
		to.Header.Del("Referer") // it may be a signed URL
		switch {
		case len(via) >= 10:
			return &Error{"the server redirects again and again", ""}
		case via[0].URL.Scheme == "https" && to.URL.Scheme != "https":
			return &Error{"the server redirects from https to " + to.URL.Scheme, "give the address that it means, if you trust it"}
		}
		return nil
	}}
}

// get asks for the file unless it is still the version that the caller has. One
// request does both: an address that is signed for GET takes no HEAD.
func (w *web) get(ctx context.Context, have string) (*content, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url, nil)
	if err != nil {
		return nil, &Error{"this is no URL", ""}
	}
	request.Header.Set("Accept-Encoding", "identity")
	if tag, ok := strings.CutPrefix(have, byTag); ok {
		request.Header.Set("If-None-Match", tag)
	} else if modified, ok := strings.CutPrefix(have, byTime); ok {
		_, time, _ := strings.Cut(modified, " ")
		request.Header.Set("If-Modified-Since", time)
	}
	response, err := send(w.client, request, w.pause)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusNotModified && have != "" {
		response.Body.Close()
		return nil, nil
	}
	c, err := w.contentOf(response, have)
	if c == nil {
		response.Body.Close()
	}
	return c, err
}

func (w *web) contentOf(response *http.Response, have string) (*content, error) {
	if response.StatusCode != http.StatusOK {
		return nil, status(response.StatusCode)
	}
	c := &content{version: versionOf(response), size: response.ContentLength, sums: sumsOf(response.Header)}
	if c.version != "" && c.version == have {
		return nil, nil
	}
	encoding := response.Header.Get("Content-Encoding")
	gzipped := strings.HasSuffix(encoding, "gzip") && strings.HasSuffix(strings.ToLower(Base(w.url)), ".gz")
	if encoding != "" && encoding != "identity" && !gzipped {
		return nil, &Error{fmt.Sprintf("the server sends it encoded (%s), though noworse asks for it as it is", encoding), "give the file a name that ends in .gz, or have it sent as it is"}
	}
	body := bufio.NewReader(response.Body)
	body.Peek(1)
	if head, _ := body.Peek(min(512, body.Buffered())); strings.HasPrefix(http.DetectContentType(head), "text/html") {
		return nil, &Error{"the server sends a web page, not a file of data", "it may be a page to log in, or one about the file: give the address of the file itself"}
	}
	c.body = struct {
		io.Reader
		io.Closer
	}{body, response.Body}
	return c, nil
}

// What tells the version of a web server's file, and how it is written down.
const (
	byTag  = "etag "
	byTime = "modified "
)

// versionOf is the version of a response; "" if it has none that can be relied
// on: a file that was modified in this very second may be again.
func versionOf(r *http.Response) string {
	if tag := r.Header.Get("Etag"); tag != "" {
		return byTag + tag
	}
	modified, err := http.ParseTime(r.Header.Get("Last-Modified"))
	date, errDate := http.ParseTime(r.Header.Get("Date"))
	if err != nil || errDate != nil || date.Sub(modified) < 2*time.Second || r.ContentLength < 0 {
		return ""
	}
	return byTime + strconv.FormatInt(r.ContentLength, 10) + " " + r.Header.Get("Last-Modified")
}

// sumsOf are the checksums of RFC 9530 and RFC 1864.
func sumsOf(h http.Header) []sum {
	var sums []sum
	for part := range strings.SplitSeq(h.Get("Repr-Digest"), ",") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(part), "sha-256=:"); ok {
			sums = append(sums, sha256Sum(fromBase64(strings.TrimSuffix(text, ":")))...)
		}
	}
	return append(sums, md5Sum(fromBase64(h.Get("Content-Md5")))...)
}

func fromBase64(text string) []byte {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

// waits are the pauses before a request is sent again.
var waits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// longestWait is the most that a server may ask for.
const longestWait = 15 * time.Second

// send sends a request, and sends it again where the server says that it
// cannot answer now.
func send(client *http.Client, request *http.Request, pause func(context.Context, time.Duration) error) (*http.Response, error) {
	for try := 0; ; try++ {
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		if !busy(response.StatusCode) || try == len(waits) {
			return response, nil
		}
		response.Body.Close()
		wait := waits[try]
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds >= 0 {
			wait = min(time.Duration(seconds)*time.Second, longestWait)
		}
		if err := pause(request.Context(), wait); err != nil {
			return nil, err
		}
	}
}

func busy(code int) bool { return code == http.StatusTooManyRequests || code >= 500 }

// status is an HTTP status that is no success.
type status int

func (s status) Error() string { return fmt.Sprintf("status %d", int(s)) }

// statusOf is the HTTP status of an error of any client; 0 if it has none.
func statusOf(err error) int {
	if s, ok := errors.AsType[status](err); ok {
		return int(s)
	}
	return statusOfSDK(err)
}
