//go:build tools

// Package tools pins what the tests' Envoy Gateway is built from.
package tools

import _ "github.com/envoyproxy/gateway/cmd/envoy-gateway"
