"""Sums up the shop's orders by country.

Usage: revenue.py INPUT OUTPUT. Reads an order of XML a line, writes Parquet, and prints each country's revenue.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

from pyspark.sql import SparkSession
from pyspark.sql import functions as f
from shop.orders import parsed


def main(source: str, target: str) -> None:
    print(f"xmltodict {version('xmltodict')}")
    spark = SparkSession.builder.getOrCreate()
    order = f.udf(parsed, "country string, amount double")
    orders = spark.read.text(source).where("value != ''").select(order("value").alias("order")).select("order.*")
    orders.groupBy("country").agg(f.sum("amount").alias("revenue")).write.mode("overwrite").parquet(target)
    for row in spark.read.parquet(target).orderBy("country").collect():
        print(f"{row['country']} {row['revenue']:.2f}")
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
