@echo off
chcp 65001 >nul
cd /d "%~dp0"
set PYTHONUTF8=1
program\Scripts\python.exe -m matchmaker serve --demo %*
pause
