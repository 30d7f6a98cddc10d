package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// gcs is a bucket of Google Cloud Storage, by its JSON API. Google's own client
// would add a third to the size of the program, for what are three requests.
type gcs struct {
	client    *http.Client
	pause     func(context.Context, time.Duration) error
	base      string // of the bucket's objects
	anonymous bool
}

const readOnly = "https://www.googleapis.com/auth/devstorage.read_only"

func openGCS(ctx context.Context, c *Cache, name string) (bucket, error) {
	b := &gcs{client: c.client, pause: c.pause, anonymous: true}
	host := emulator()
	if host == "" {
		host = "https://storage.googleapis.com"
		credentials, err := google.FindDefaultCredentials(ctx, readOnly)
		if err == nil {
			// The token outlives the watch that this context is under.
			with := context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, c.client)
			b.client, b.anonymous = oauth2.NewClient(with, credentials.TokenSource), false
		} else if named() {
			return nil, errors.Join(errBadCredentials, err)
		}
	}
	b.base = host + "/storage/v1/b/" + url.PathEscape(name) + "/o"
	return b, nil
}

// ask sends a request and decodes the answer, if there is one to be decoded.
func (b *gcs) ask(ctx context.Context, address string, answer any) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "gzip") // or else what is stored so is decompressed on the way
	response, err := send(b.client, request, b.pause)
	if err == nil && response.StatusCode != http.StatusOK {
		response.Body.Close()
		err = status(response.StatusCode)
	}
	if err != nil && b.anonymous {
		err = errors.Join(err, errAnonymous)
	}
	if err != nil || answer == nil {
		return response, err
	}
	defer response.Body.Close()
	return response, json.NewDecoder(response.Body).Decode(answer)
}

func (b *gcs) list(ctx context.Context, prefix string, yield func(string) bool) error {
	query := url.Values{"prefix": {prefix}, "fields": {"items(name),nextPageToken"}}
	for {
		var page struct {
			Items         []struct{ Name string }
			NextPageToken string
		}
		if _, err := b.ask(ctx, b.base+"?"+query.Encode(), &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			if !yield(item.Name) {
				return nil
			}
		}
		if page.NextPageToken == "" {
			return nil
		}
		query.Set("pageToken", page.NextPageToken)
	}
}

func (b *gcs) file(key string) source { return &gcsObject{b, key} }

// gcsObject is a file of a bucket of Google Cloud Storage.
type gcsObject struct {
	in  *gcs
	key string
}

func (o *gcsObject) get(ctx context.Context, have string) (*content, error) {
	address := o.in.base + "/" + url.PathEscape(o.key)
	var is struct {
		Generation string
		Size       int64 `json:",string"`
		MD5Hash    string
	}
	if _, err := o.in.ask(ctx, address+"?fields=generation,size,md5Hash", &is); err != nil {
		return nil, err
	}
	version := fmt.Sprintf("generation %s", is.Generation)
	if version == have {
		return nil, nil
	}
	response, err := o.in.ask(ctx, address+"?alt=media&generation="+url.QueryEscape(is.Generation), nil)
	if err != nil {
		return nil, cmp.Or(changed(err), err)
	}
	return &content{body: response.Body, version: version, size: is.Size, sums: md5Sum(fromBase64(is.MD5Hash))}, nil
}

// changed is the error of a generation that is gone since it was asked for.
func changed(err error) error {
	if statusOf(err) == http.StatusNotFound {
		return errChanged
	}
	return nil
}
