package service

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/googleapis/gax-go/v2"

	"github.com/noworse/noworse/model"
)

const (
	// tries is how often a request is made; with the pauses between that is half a
	// minute at most, for a server that does not say when to come again.
	tries = 8
	// triesOf500 are fewer: a 500 is more often a fault that stays.
	triesOf500 = 4
	firstPause = 250 * time.Millisecond
	mostPause  = 10 * time.Second
	// mostReply is how many bytes an answer may have: one that is longer is none.
	mostReply = 1 << 30
)

// client asks one server, again where that helps: when it is told to come later
// (429), and on errors that may pass (5xx).
type client struct {
	http    *http.Client
	base    *url.URL
	token   string
	timeout time.Duration
	pause   time.Duration
	// stays: an error 500 was still there after the last try. A model that fails on
	// some row says so by a 500 as well, and it is of no use to ask that again and again.
	stays atomic.Bool
}

func newClient(base *url.URL, o Options) *client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = max(o.Concurrency, 1)
	return &client{
		http: &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		base: base, token: strings.TrimSpace(o.Token), timeout: o.Timeout, pause: cmp.Or(o.Pause, firstPause),
	}
}

// question is a request; without a body it is a GET.
type question struct {
	path   []string // below the server's URL
	header map[string]string
	body   []byte
	what   string // completes "the server did not …"
	// mayLack: a server need not know it, so a status of 4xx is an answer.
	mayLack bool
}

// reply is what a server answered.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	version string // of the model, where a protocol tells
}

// ask is a request that is answered by a status of success; all else is an error.
func (c *client) ask(ctx context.Context, q question) (*reply, error) {
	wait := gax.Backoff{Initial: c.pause, Max: mostPause, Multiplier: 2}
	for try := 1; ; try++ {
		r, err := c.once(ctx, q)
		if err != nil {
			return nil, err
		}
		if r.status/100 == 2 || q.mayLack && r.status/100 == 4 && r.status != http.StatusTooManyRequests {
			return r, nil
		}
		if !c.again(r.status, try) {
			c.stays.CompareAndSwap(false, r.status == http.StatusInternalServerError)
			return nil, c.refused(r, q, try)
		}
		pause, told := r.after()
		if !told {
			pause = wait.Pause()
		}
		if told && c.timeout > 0 && pause > c.timeout {
			e := c.refused(r, q, try)
			e.Message += fmt.Sprintf(", and wants to be asked again in %v", pause.Round(time.Second))
			e.Gone = true
			return nil, e
		}
		if err := gax.Sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// object asks for an object of JSON.
func (c *client) object(ctx context.Context, q question, into any) error {
	r, err := c.ask(ctx, q)
	if err != nil || r.status/100 != 2 {
		return err
	}
	return r.object(into)
}

// again says whether it may help to ask again after a try.
func (c *client) again(status, try int) bool {
	switch status {
	case http.StatusTooManyRequests:
		return try < tries
	case http.StatusInternalServerError:
		return try < triesOf500 && !c.stays.Load()
	case http.StatusNotImplemented:
		return false
	}
	return status/100 == 5 && try < tries
}

// after is when a server wants to be asked again.
func (r *reply) after() (time.Duration, bool) {
	text := r.header.Get("Retry-After")
	if s, err := strconv.Atoi(text); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if t, err := http.ParseTime(text); err == nil {
		return max(time.Until(t), 0), true
	}
	return 0, false
}

// once makes a request once.
func (c *client) once(ctx context.Context, q question) (*reply, error) {
	limited := ctx
	if c.timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	method, body := http.MethodGet, io.Reader(nil)
	if q.body != nil {
		method, body = http.MethodPost, bytes.NewReader(q.body)
	}
	request, err := http.NewRequestWithContext(limited, method, c.base.JoinPath(q.path...).String(), body)
	if err != nil {
		return nil, c.broken(ctx, limited, q, err)
	}
	for k, v := range q.header {
		request.Header.Set(k, v)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	// To ask about rows changes nothing, so a connection that turns out to be closed
	// may be replaced. The header itself is not sent: see http.Transport.
	request.Header["Idempotency-Key"] = []string{}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.broken(ctx, limited, q, err)
	}
	defer response.Body.Close()
	r := &reply{status: response.StatusCode, header: response.Header}
	if r.body, err = io.ReadAll(io.LimitReader(response.Body, mostReply+1)); err != nil {
		return nil, c.broken(ctx, limited, q, err)
	}
	if len(r.body) > mostReply {
		return nil, &model.Error{Message: "the server's answer is longer than 1 GiB", Hint: "ask about fewer rows at once: `batch`", Gone: true}
	}
	return r, nil
}

// broken is a request without an answer.
func (c *client) broken(ctx, limited context.Context, q question, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &model.Error{Gone: true}
	dial, dialled := errors.AsType[*net.OpError](err)
	certificate, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	var wrapped *url.Error
	cause := err
	if errors.As(err, &wrapped) {
		cause = wrapped.Err // it repeats the URL, which may hold a secret
	}
	switch {
	case limited.Err() != nil:
		e.Message = fmt.Sprintf("the server did not %s within %v", q.what, c.timeout)
		e.Hint = "give it longer, `timeout: 30m`, or fewer rows at once, `batch: 64`"
	case dialled && dial.Op == "dial":
		e.Message = fmt.Sprintf("there is no server at %s: %v", c.base.Host, cmp.Or(errors.Unwrap(dial.Err), dial.Err))
		e.Hint = "is it running, and is this the right port?"
	case untrusted:
		e.Message = fmt.Sprintf("the server at %s cannot be trusted: %v", c.base.Host, certificate.Err)
	default:
		e.Message = fmt.Sprintf("the server broke off instead of an answer: %s", c.mask(cause.Error()))
	}
	return e
}

// refused is an answer that is none.
func (c *client) refused(r *reply, q question, try int) *model.Error {
	e := &model.Error{Message: fmt.Sprintf("the server did not %s: %d %s", q.what, r.status, http.StatusText(r.status)), Detail: c.said(r), Gone: true}
	if try > 1 {
		e.Message += fmt.Sprintf(", %d times", try)
	}
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		e.Hint = "give a bearer token from the environment: `token: ${MODEL_TOKEN}`"
		if c.token != "" {
			e.Hint = "is the token in the environment the right one?"
		}
	case http.StatusNotFound:
		e.Hint = "are url, protocol and model right?"
	case http.StatusRequestEntityTooLarge:
		e.Hint = "ask about fewer rows at once: `batch: 64`"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		e.Hint = "ask less at once: `concurrency: 1`, `batch: 64`; or wait until the server is free"
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		e.Gone = false // it may be about the rows
	}
	if r.status/100 == 3 {
		e.Hint = "it leads elsewhere, and a token must not follow: write the address that it leads to as url"
	}
	return e
}

// mask hides the token where a server repeats it.
func (c *client) mask(text string) string {
	if c.token == "" {
		return text
	}
	return strings.ReplaceAll(text, c.token, "***")
}
