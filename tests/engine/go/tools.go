//go:build tools

// Package tools pins what the tests' Pulumi CLI is built from.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
