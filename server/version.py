"""The version of this server, and of the app that is built with it."""

VERSION = "0.1.0"
