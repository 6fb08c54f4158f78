"""What is measured of the elastic story, as values (series, rules, alerts, dashboards), and what registers them."""
