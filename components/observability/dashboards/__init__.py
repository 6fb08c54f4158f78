"""Dashboards as code: definitions that make JSON (`make dashboards`), and what puts that JSON into a cluster.

Loading the Grafana foundation SDK takes half a second, so the program never does: it registers the JSON in `data/`,
which a test holds to the definitions.
"""
