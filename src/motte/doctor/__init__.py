"""What is wrong with a session, said without a secret."""

from motte.doctor.examination import examine
from motte.doctor.finding import Finding, Level, worst

__all__ = ["Finding", "Level", "examine", "worst"]
